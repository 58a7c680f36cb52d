"""The generator's command line: where the program is, and its flags."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple, Union

from ._errors import LeafLitterError

LABELS = ("id", "layer", "depth", "edge")
Path = Union[str, "os.PathLike[str]"]
Size = Union[int, str, Tuple[int, int]]
Settings = Union[Mapping[str, Any], Sequence[str]]


def find_binary(binary: Optional[Path] = None) -> str:
    """Return the path of the leaflitter program.

    The first of: ``binary``, the environment's LEAFLITTER_BINARY, ``leaflitter`` on PATH.
    Raises LeafLitterError when the first that is given is no program, or none is.
    """
    remedy = "build it with make build and pass binary=, set LEAFLITTER_BINARY, or put leaflitter on PATH"
    for source, path in (("binary=", binary), ("LEAFLITTER_BINARY=", os.environ.get("LEAFLITTER_BINARY"))):
        if path is None or path == "":
            continue
        found = shutil.which(os.fspath(path))
        if found is None:
            raise LeafLitterError(f"{source}{os.fspath(path)} is no program that can be run; {remedy}")
        return os.path.abspath(found)
    found = shutil.which("leaflitter")
    if found is None:
        raise LeafLitterError(f"the leaflitter program is not found; {remedy}")
    return os.path.abspath(found)


@dataclass(frozen=True)
class Options:
    """What both datasets pass to ``leaflitter stream``."""

    binary: str
    arguments: Tuple[str, ...]
    labels: Tuple[str, ...]
    threads: Optional[int]
    timeout: float

    def command(self, threads: Optional[int], *more: str) -> List[str]:
        """The whole command line; threads None lets the generator take all cores."""
        line = [self.binary, "stream", "--quiet", *self.arguments, *more]
        if threads is not None:
            line.append(f"--threads={threads}")
        return line


def options(
    *,
    preset: Optional[str],
    config: Optional[Path],
    size: Optional[Size],
    seed: int,
    labels: Sequence[str],
    palette: Optional[Path],
    photos: Optional[Path],
    set: Settings,
    backend: str,
    threads: Optional[int],
    binary: Optional[Path],
    timeout: float,
) -> Options:
    """Check what can be checked here; the generator checks the rest when it starts."""
    if isinstance(labels, str):
        labels = [part.strip() for part in labels.split(",")]
    for label in labels:
        if label not in LABELS:
            raise LeafLitterError(f"there is no label {label!r}; choose from {', '.join(LABELS)}")
    if threads is not None and threads < 1:
        raise LeafLitterError(f"threads is {threads}; give 1 to 1024, or None to share out the cores")
    if not timeout > 0:
        raise LeafLitterError(f"timeout is {timeout}; give seconds, more than 0")
    line = [f"--seed={seed}", f"--backend={backend}"]
    if preset is not None:
        line.append(f"--preset={preset}")
    for flag, path in (("config", config), ("palette", palette), ("photos", photos)):
        if path is not None:
            line.append(f"--{flag}={os.path.abspath(os.fspath(path))}")
    if size is not None:
        line.append("--size=" + (size if isinstance(size, str) else _size(size)))
    line += [f"--set={text}" for text in _settings(set)]
    ordered = tuple(label for label in LABELS if label in labels)
    if ordered:
        line.append("--labels=" + ",".join(ordered))
    return Options(find_binary(binary), tuple(line), ordered, threads, float(timeout))


def _size(size: Union[int, Tuple[int, int]]) -> str:
    if isinstance(size, tuple):
        width, height = size
        return f"{width}x{height}"
    return str(size)


def _settings(settings: Settings) -> List[str]:
    if isinstance(settings, str):
        raise LeafLitterError(f"set is {settings!r}; give a dictionary, or a list of texts such as 'leaves.r_min=2'")
    if not isinstance(settings, Mapping):
        return list(settings)
    # JSON is YAML, which the generator reads values as; plain words need no quotes.
    return [f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in settings.items()]
