"""One run from its images to its result, and the result read again."""

from __future__ import annotations

import hashlib
import math
import time
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Sequence, Tuple

from ... import _files
from ..._errors import LeafLitterError
from ...evaluate.apply import evaluating, restored
from ...evaluate.cases import Array, case
from ...networks import Network, weights
from ...restore import images as photographs
from ...restore.tasks import parse
from ...train import checkpoint
from .. import record
from . import images
from .loop import Training, processor_seconds
from .plan import Run

RESULT = "result.json"
_KEYS = ("settings", "psnr", "processor_seconds", "weights")


def carry_out(run: Run, asked: Callable[[], bool], end: float = math.inf) -> bool:
    """Train and judge a run, or go on with it; whether it is complete.

    It stops with a checkpoint when asked() says so, and after a step when time.monotonic() has
    passed the end. Raises LeafLitterError; the checkpoint before then stays.
    """
    with _files.alone(_files.folder(run.folder), (checkpoint.NAME, "weights.pt", RESULT)):
        began = processor_seconds()
        found = images.load(run, asked)
        if found is None:
            return False
        digest = images.digest(found)
        training = Training(run, found, digest, began)
        if not training.train(lambda: asked() or time.monotonic() >= end):
            return False
        path = run.folder / "weights.pt"
        weights.save(training.network, path)
        judges = photographs.read_all(run.judges, run.size.grey)
        psnr = judged(training.network, judges, run.size.sigmas)
        record.write(run.folder / RESULT, {"settings": run.settings, "images": digest, "psnr": psnr, "processor_seconds": training.seconds(), "weights": _sha(path)})
        return True


def judged(network: Network, judges: Sequence[Tuple[str, Array]], sigmas: Sequence[float]) -> Dict[str, Dict[str, float]]:
    """PSNR in dB by sigma and photograph, as leaflitter.evaluate has it; SSIM, which takes longer than the network, is left out."""
    found: Dict[str, Dict[str, float]] = {}
    with evaluating(network):
        for sigma in sigmas:
            row = found.setdefault(f"{sigma:g}", {})
            for name, image in judges:
                given = case(name, image, parse(f"denoise:{sigma:g}"), 0, None)
                row[name] = given.psnr(restored(network, given, str(network.spec)))
    return found


def result(run: Run) -> Optional[Dict[str, Any]]:
    """What a complete run of these settings came to; None where there is none, or it cannot be read."""
    try:
        data = record.read(run.folder / RESULT, _KEYS)
    except LeafLitterError:
        return None
    return data if data["settings"] == run.settings and data["weights"] == _sha(run.folder / "weights.pt") else None


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
