"""Digests of the files that decide what a run is trained on."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Iterator, Optional

from .._errors import LeafLitterError
from ..restore import images


def digest(config: Optional[str], palette: Optional[str], photos: Optional[str], photographs: Optional[str]) -> str:
    """Of the bytes of a configuration and a palette, and of the images in two directories.

    Of photos everything below counts, as the generator reads it; of photographs what lies in
    the directory itself, as training reads it. Raises LeafLitterError for what is not there.
    """
    sha = hashlib.sha256()
    for part, files in (
        ("config", [] if config is None else [Path(config)]),
        ("palette", [] if palette is None else [Path(palette)]),
        ("photos", [] if photos is None else list(_below(photos))),
        ("photographs", [] if photographs is None else images.paths(photographs)),
    ):
        for file in files:
            sha.update(f"{part}\0{file.name}\0".encode(errors="surrogateescape") + contents(file))
    return sha.hexdigest()[:32]


def _below(folder: str) -> Iterator[Path]:
    """The images below a directory, links followed, each directory once."""
    if not os.path.isdir(folder):
        raise LeafLitterError(f"there is no directory {folder} of photos; give one that is there")
    seen = set()
    for where, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(where)
        folders[:] = [] if real in seen else sorted(folders)
        if real not in seen:
            yield from (Path(where, name) for name in sorted(names) if name.lower().endswith(images.SUFFIXES))
        seen.add(real)


def contents(path: Path) -> bytes:
    """A digest of a file's bytes. Raises LeafLitterError."""
    try:
        about = path.stat()
        return _bytes(path, about.st_mtime_ns, about.st_size)
    except OSError as error:
        raise LeafLitterError(f"{path} cannot be read ({error.strerror}); give a file that can") from None


@lru_cache(maxsize=100_000)
def _bytes(path: Path, changed: int, size: int) -> bytes:
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(1 << 20):
            sha.update(part)
    return sha.digest()
