"""Photographs in two halves: one trains, the other judges."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from statistics import median
from typing import List, Sequence, Tuple, Union

from ..._errors import LeafLitterError
from ...restore import images
from ...train import sources


def split(folder: Union[str, Path]) -> Tuple[List[Path], List[Path]]:
    """The photographs of a folder that train, and those that judge.

    Which half a photograph is in is said by the hash of its file's name alone: it stays there
    whatever else is added or removed. Both are in the order of the hash, so that the first
    few of a half are a fair sample of it. Raises LeafLitterError where a half is empty.
    """
    halves: Tuple[List[Path], List[Path]] = ([], [])
    for path in by_hash(images.paths(folder)):
        halves[_hash(path)[0] & 1].append(path)
    if not all(halves):
        raise LeafLitterError(f"the photographs in {folder} are too few to be split into a half that trains and a half that judges ({len(halves[0])} and {len(halves[1])}); give some dozens")
    return halves


def by_hash(paths: Sequence[Path]) -> List[Path]:
    return sorted(paths, key=lambda path: (_hash(path), path.name))


def _hash(path: Path) -> bytes:
    return hashlib.sha256(os.fsencode(path.name)).digest()


def typical(sizes: Sequence[Tuple[int, int]]) -> Tuple[int, int]:
    """An even width and height like those of most photographs: the medians of the longer and of the shorter sides.

    Patches are turned, so it is the same whether photographs are upright.
    """
    return (int(median(max(s) for s in sizes)) // 2 * 2, int(median(min(s) for s in sizes)) // 2 * 2)


def large_enough(paths: Sequence[Path], patch: int) -> List[Tuple[int, int]]:
    """The width and height of each. Raises LeafLitterError where patches cannot be cut from one."""
    sizes = [images.size(path) for path in paths]
    for path, (width, height) in zip(paths, sizes):
        if min(width, height) < patch:
            raise LeafLitterError(f"the image {path} is {width} x {height}, less than the patch of {patch}; remove it, or give a smaller --patch")
    return sizes


def digest(paths: Sequence[Path]) -> str:
    """Of the names and the contents of files, in whatever order they are given."""
    sha = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        sha.update(os.fsencode(path.name) + b"\0" + sources.contents(path))
    return sha.hexdigest()[:32]
