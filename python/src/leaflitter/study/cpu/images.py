"""The images that a run trains on, in memory."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Callable, Generator, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from ... import _memory
from ..._errors import LeafLitterError
from ...restore import images
from . import generator
from .plan import Run

Pixels = npt.NDArray[np.uint8]


def load(run: Run, stop: Callable[[], bool]) -> Optional[List[Pixels]]:
    """The images, C x H x W, as many as the run has; None where it is told to stop meanwhile."""
    found: List[Pixels] = []
    with contextlib.closing(_source(run)) as source:  # the generator ends here, and its processor time is counted
        for image in source:
            if stop():
                return None
            found.append(np.ascontiguousarray(_channels(image, run.size.grey).transpose(2, 0, 1)))
            if len(found) == run.count:
                break
    return found


def _source(run: Run) -> Generator[Pixels, None, None]:
    if run.files:
        # Read in colour, as the generator draws: one and the same luma is then taken of all.
        return (images.read(path) for path in run.files)
    return generator.images(run.set, run.seed, run.width, run.height, run.palette, run.backend, run.binary)


def _channels(image: Pixels, grey: bool) -> Pixels:
    """H x W x 1 if grey, the luma of BT.601 as Pillow rounds it, else H x W x 3."""
    if image.shape[2] == 1:
        return image if grey else image.repeat(3, 2)
    if not grey:
        return image
    from PIL import Image

    return np.asarray(Image.fromarray(image).convert("L"))[..., None]


def digest(found: List[Pixels]) -> str:
    sha = hashlib.sha256()
    for image in found:
        sha.update(f"{image.shape}".encode() + image.tobytes())
    return sha.hexdigest()[:32]


def fits_memory(pixels: int, channels: int, jobs: int) -> None:
    """Raise LeafLitterError where there is no room for so many pixels in each of so many processes."""
    need, there = pixels * channels * jobs, _memory.available()
    if need > there:
        raise LeafLitterError(f"{jobs} runs side by side hold {need / 2**30:.1f} GiB of images, and there are {there / 2**30:.1f} GiB; give fewer --jobs, a --count, or smaller photographs")


def patches(found: List[Pixels], random: np.random.Generator, batch: int, side: int) -> Pixels:
    """Patches at uniform places of uniform images, each turned by one of the eight turns and flips of a square.

    The numbers drawn do not depend on the images: sets with images of one size give patches
    of the same places, so that what differs between runs is the images alone.
    """
    places: Tuple[Tuple[float, float, float], ...] = tuple(map(tuple, random.random((batch, 3))))
    turns = random.integers(0, 8, batch)
    out = np.empty((batch, found[0].shape[0], side, side), np.uint8)
    for patch, (u, v, w), turn in zip(out, places, turns):
        image = found[int(u * len(found))]
        top, left = int(v * (image.shape[1] - side + 1)), int(w * (image.shape[2] - side + 1))
        cut = image[:, top : top + side, left : left + side]
        patch[:] = np.rot90(cut[:, :, ::-1] if turn >= 4 else cut, turn % 4, (1, 2))
    return out
