"""Clean batches by the step: generated live, kept in memory, or crops of photographs."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import Any, Iterator, List

import numpy as np
import numpy.typing as npt

from .._errors import LeafLitterError
from .._memory import available
from .._stream import LeafLitterStream
from ..restore import images as photographs
from .ahead import Ahead
from .options import Options

Pixels = npt.NDArray[np.uint8]
_CROP, _TURN, _ORDER = 2, 3, 4  # purposes of randomness; degrade.py has another


@contextmanager
def batches(options: Options, step: int, pin: bool = False) -> Iterator[Ahead]:
    """Batches for step, step + 1, ... without end: uint8 tensors B x C x P x P on the CPU.

    Batch k depends on the options and k alone, wherever the iteration begins. They are
    made ahead by a thread; pin gives page-locked memory, from which copies to a GPU need no
    waiting. Raises LeafLitterError where the images cannot be had, here or on iterating.
    """
    interrupt = _nothing
    if options.photographs is not None:
        source = _crops(options, _photographs(options), step)
    elif options.memory:
        source = _kept(options, _memory(options), step)
    else:
        stream = _stream(options, step)
        source, interrupt = _read(stream), stream.interrupt
    with Ahead((_turned(batch, options, step + k) for k, batch in enumerate(source)), pin, interrupt) as ahead:
        yield ahead


def _nothing() -> None:
    pass


def _random(options: Options, step: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([options.seed, step, purpose])))


def _turned(batch: Pixels, options: Options, step: int) -> Pixels:
    """If augmented, each image by one of the eight turns and flips of a square."""
    if not options.augment:
        return batch
    out = np.empty_like(batch)
    for image, turned, k in zip(batch, out, _random(options, step, _TURN).integers(0, 8, len(batch))):
        turned[:] = np.rot90(image[:, :, ::-1] if k >= 4 else image, k % 4, (1, 2))
    return out


def _stream(options: Options, step: int) -> LeafLitterStream:
    """The generator's images step * batch, ... by batches."""
    settings = list(options.set) + (["develop.grey=true"] if options.grey else [])
    return LeafLitterStream(
        preset=options.preset, config=options.config, set=settings, palette=options.palette, photos=options.photos,
        size=options.patch, seed=options.seed, backend=options.backend, threads=options.threads, binary=options.binary,
        start=step * options.batch, batch=options.batch, batched=True, numpy=True, rank=0, world=1,
    )  # fmt: skip


def _read(stream: LeafLitterStream) -> Iterator[Pixels]:
    with stream:
        yield from stream


def _memory(options: Options) -> Pixels:
    """The first images of the generator, N x C x P x P."""
    shape = (options.memory, 1 if options.grey else 3, options.patch, options.patch)
    size = math.prod(shape)
    refusal = LeafLitterError(f"there is no room for memory={options.memory} images, {size / 2**30:.1f} GiB; give fewer, or smaller patches")
    if size > available():
        raise refusal
    try:
        images = np.empty(shape, np.uint8)
    except MemoryError:
        raise refusal from None
    done = 0
    for batch in _read(_stream(options, 0)):
        part = batch[: options.memory - done]
        images[done : done + len(part)] = part
        done += len(part)
        if done == options.memory:
            break
    return images


def _kept(options: Options, images: Pixels, step: int) -> Iterator[Pixels]:
    """All images in an order of each epoch's own, then again; what does not fill a batch is left out."""
    per_epoch = len(images) // options.batch
    while True:
        epoch, k = divmod(step, per_epoch)
        order = _random(options, epoch, _ORDER).permutation(len(images))
        for k in range(k, per_epoch):
            yield images[order[k * options.batch : (k + 1) * options.batch]]
            step += 1


def _photographs(options: Options) -> List[Pixels]:
    """The photographs, C x H x W each."""
    assert options.photographs is not None
    found = []
    for name, image in photographs.read_folder(options.photographs, grey=options.grey):
        if min(image.shape[:2]) < options.patch:
            raise LeafLitterError(f"the photograph {name} is {image.shape[1]} x {image.shape[0]}, less than the patch of {options.patch}; remove it, or give a smaller patch")
        found.append(np.ascontiguousarray(image.transpose(2, 0, 1)))
    return found


def _crops(options: Options, found: List[Pixels], step: int) -> Iterator[Pixels]:
    """Crops at uniform places of uniform photographs."""
    side = options.patch
    while True:
        random = _random(options, step, _CROP)
        batch = np.empty((options.batch, found[0].shape[0], side, side), np.uint8)
        for crop in batch:
            image = found[random.integers(len(found))]
            top, left = (random.integers(n - side + 1) for n in image.shape[1:])
            crop[:] = image[:, top : top + side, left : left + side]
        yield batch
        step += 1
