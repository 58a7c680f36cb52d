"""The leaflitter program: what it would draw, palettes, and the images of a run."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, Generator, Optional, Sequence

import numpy as np
import numpy.typing as npt

from ..._command import find_binary
from ..._errors import LeafLitterError
from ..._stream import LeafLitterStream
from ..plan import TrainingSet

Pixels = npt.NDArray[np.uint8]
_BATCH = 8


def effective(training_set: TrainingSet, binary: str) -> str:
    """Every number of a preset or configuration, without comments. Raises LeafLitterError where the generator knows none such."""
    shown = _output(binary, "config", "show", f"--{training_set.kind}={training_set.value}")
    return re.sub(r" *#.*", "", shown)


def identity(config: str, binary: str) -> str:
    """A digest of a configuration and of the model that draws it: with another, images are others."""
    version = _output(binary, "version").strip()
    model = re.search(r"model \d+", version)
    return hashlib.sha256(f"{model[0] if model else version}\n{config}".encode()).hexdigest()[:32]


def takes_palette(config: str) -> bool:
    """Whether colours are those of photographs: the generator refuses a palette that it would not use."""
    return not re.search(r"^properties:\n(  .*\n)*?  colour: false$", config, re.M)


def build_palette(photographs: Sequence[Path], path: Path, binary: str) -> None:
    """Write the palette of these photographs, whole or not at all."""
    with tempfile.TemporaryDirectory(prefix=".palette.", dir=path.parent) as folder:
        chosen = Path(folder, "photographs")
        chosen.mkdir()
        for photograph in photographs:
            (chosen / photograph.name).symlink_to(photograph.resolve())
        made = Path(folder, path.name)
        _output(binary, "palette", "build", str(chosen), "-o", str(made), "--quiet", "--threads=1")
        os.replace(made, path)


def images(training_set: TrainingSet, seed: int, width: int, height: int, palette: Optional[str], backend: str, binary: str) -> Generator[Pixels, None, None]:
    """Images without end, H x W x C, drawn by one thread; image k is a function of the set, the seed and k."""
    source: Dict[str, Any] = {training_set.kind: training_set.value}
    stream = LeafLitterStream(
        **source, size=(width, height), seed=seed, palette=palette or None, backend=backend, threads=1, binary=binary or None,
        batch=_BATCH, batched=True, numpy=True, rank=0, world=1,
    )  # fmt: skip
    with stream:
        for batch in stream:
            for image in batch:
                yield np.ascontiguousarray(image.transpose(1, 2, 0))


def _output(binary: str, *arguments: str) -> str:
    done = subprocess.run([find_binary(binary or None), *arguments], capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise LeafLitterError(" ".join(done.stderr.split()) or f"leaflitter {arguments[0]} ended with exit code {done.returncode}")
    return done.stdout
