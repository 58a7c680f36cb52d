"""The iterable dataset: images one after another, as fast as the generator makes them."""

from __future__ import annotations

import os
import weakref
from multiprocessing.context import get_spawning_popen
from typing import Any, Dict, Iterator, Optional, Sequence

from . import _torch
from ._archive import Archive
from ._child import Child
from ._command import Path, Settings, Size, options
from ._errors import LeafLitterError
from ._images import Images, Reader
from ._position import Position


class LeafLitterStream(_torch.IterableDataset[Any]):
    """Images in order, shared out among DataLoader workers and ranks without overlap.

    Gives C x H x W uint8 tensors (see LeafLitter for the types and the arguments that both
    have), or with ``batched=True`` whole batches, B x C x H x W, for DataLoader(batch_size=None).

    **Which images.** With W workers a rank and R ranks, worker w of rank r takes images
    start + g, start + g + G, ... for g = r * W + w, G = R * W. ``epoch`` is how many images
    an epoch has over all workers and ranks (epoch e takes start + e * epoch and what
    follows); None is an endless stream. ``rank`` and ``world`` are the arguments if given,
    else torch.distributed's if initialised, else RANK and WORLD_SIZE, else one rank. Give
    every rank as many images: an epoch that R * W * batch size divides.

    **Where it goes on.** A stream never goes back by itself. Iterating again, also with new
    workers after an error or a restart, goes on behind the last image that was given, and
    after the end of an epoch with the next epoch. Images that workers had read ahead
    when an iteration was broken off count as given. ``set_epoch(e)`` goes to the start of epoch
    e, and ``load_state_dict`` to exactly where ``state_dict`` was taken. The place is shared
    with the workers of this process, persistent ones too; a pickled copy has its own.
    One iteration at a time: a new one ends the one before.

    Raises LeafLitterError when the program is not found, and on iterating when the
    generator refuses its settings, dies, or sends no byte for ``timeout`` seconds.
    """

    def __init__(
        self,
        preset: Optional[str] = None,
        config: Optional[Path] = None,
        size: Optional[Size] = None,
        seed: int = 0,
        labels: Sequence[str] = (),
        palette: Optional[Path] = None,
        photos: Optional[Path] = None,
        set: Settings = (),
        backend: str = "auto",
        threads: Optional[int] = None,
        binary: Optional[Path] = None,
        timeout: float = 120.0,
        numpy: bool = False,
        start: int = 0,
        epoch: Optional[int] = None,
        batch: int = 16,
        batched: bool = False,
        rank: Optional[int] = None,
        world: Optional[int] = None,
    ) -> None:
        if start < 0:
            raise LeafLitterError(f"start is {start}; give 0 or more")
        if epoch is not None and epoch < 1:
            raise LeafLitterError(f"epoch is {epoch}; give the images of an epoch, 1 or more, or None for an endless stream")
        if not 1 <= batch <= 4096:
            raise LeafLitterError(f"batch is {batch}; give 1 to 4096")
        _torch.rank_and_world(rank, world)
        self._options = options(
            preset=preset, config=config, size=size, seed=seed, labels=labels, palette=palette, photos=photos,
            set=set, backend=backend, threads=threads, binary=binary, timeout=timeout,
        )  # fmt: skip
        self._numpy, self._batched, self._batch = numpy, batched, batch
        self._start, self._epoch = start, epoch
        self._rank, self._world = rank, world
        self._position = Position()
        self._begun = 0  # iterations that this process began
        self._iterator: Optional[weakref.ref[Images]] = None
        self._spare: Optional[Reader] = None  # at the start of the next epoch

    def __getstate__(self) -> Dict[str, Any]:
        state = {**self.__dict__, "_iterator": None, "_spare": None, "_begun": 0}
        if get_spawning_popen() is not None:  # a worker that starts afresh cannot ask torch.distributed
            state["_rank"], state["_world"] = _torch.rank_and_world(self._rank, self._world)
        return state

    def __iter__(self) -> Iterator[Any]:
        self._replace()
        worker, workers = _torch.placement()
        rank, world = _torch.rank_and_world(self._rank, self._world)
        part = self._position.begin(worker, workers, world, self._next_iteration(), _torch.in_worker())
        stride, offset = world * workers, part.base + rank * workers + part.number
        first = self._start + part.epoch * (self._epoch or 0) + offset + part.taken * stride
        left = None
        if self._epoch is not None:
            left = max(0, (self._epoch - offset + stride - 1) // stride - part.taken)
        reader, self._spare = self._spare, None
        if reader is not None and not reader.continues(first, stride):
            reader.close()
            reader = None
        if reader is None and left != 0:
            o = self._options
            flags = (f"--start={first}", f"--stride={stride}", f"--batch={self._batch}")
            child = Child(o.command(_torch.threads(o.threads), *flags), o.timeout)
            reader = Reader(Archive(child, o.labels), self._numpy, first, stride)
        images = Images(self._position, part, reader, left, self._batched, self._keep)
        self._iterator = weakref.ref(images)  # dropped by its user, it ends its generator
        return images

    def _replace(self) -> None:
        images = self._iterator() if self._iterator is not None else None
        if images is not None:
            images.close()
        self._iterator = None

    def _keep(self, reader: Reader) -> None:
        self._spare = reader

    def _next_iteration(self) -> int:
        """A number that all workers of this iteration have in common, and no other iteration."""
        self._begun += 1
        return ((_torch.iteration_seed() or os.getpid()) * 1_000_003 + self._begun) & (2**63 - 1)

    def set_epoch(self, epoch: int) -> None:
        """Let the next iteration begin at the start of an epoch, counted from 0."""
        if epoch < 0 or (self._epoch is None and epoch > 0):
            raise LeafLitterError(f"there is no epoch {epoch}; epochs count from 0, and an endless stream (epoch=None) has only that")
        self._position.set(epoch)

    def state_dict(self, batches: Optional[int] = None, batch_size: Optional[int] = None, workers: int = 0) -> Dict[str, Any]:
        """Where training is: numbers that load_state_dict and JSON take.

        Without workers nothing else is needed. DataLoader workers read ahead, so there give
        ``batches``, those that training took from the DataLoader since it began to iterate
        (1 or more), its ``batch_size`` (``batch`` when batched) and its num_workers as ``workers``.
        """
        if batches is None:
            place = self._position.single()
        else:
            if batches < 1 or workers < 0:
                raise LeafLitterError(f"batches is {batches} and workers {workers}; give the batches since the iteration began, 1 or more, and the DataLoader's num_workers")
            if batch_size is None:
                if not self._batched:
                    raise LeafLitterError("state_dict(batches=...) needs batch_size= too, that of the DataLoader")
                batch_size = self._batch
            place = self._position.after(batches, batch_size, max(1, workers))
        world = _torch.rank_and_world(self._rank, self._world)[1]
        return {"version": 1, "start": self._start, "images": self._epoch, "world": world, **place}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        """Let the next iteration go on exactly where ``state_dict`` was taken, in the same order.

        With another number of workers or ranks this is possible only when all were equally
        far; otherwise this, or the iteration, raises LeafLitterError.
        """
        try:
            version, start, images, world = state["version"], state["start"], state["images"], state["world"]
            epoch, taken, first, base = state["epoch"], list(state["taken"]), state["first"], state["base"]
        except (KeyError, TypeError):
            raise LeafLitterError("this is no state of a LeafLitterStream; give what state_dict returned") from None
        if (version, start, images) != (1, self._start, self._epoch):
            raise LeafLitterError(f"the state is of a stream with start={start}, epoch={images}; make the stream with the same")
        if world != _torch.rank_and_world(self._rank, self._world)[1]:
            if len({*taken}) != 1:
                raise LeafLitterError(f"the workers of the state's {world} ranks had stopped at different places; use {world} ranks")
            base, taken, first = base + taken[0] * len(taken) * world, [], 0
        self._position.set(epoch, taken, first, base)

    def interrupt(self) -> None:
        """Let a thread that reads this stream come to its end: it gets LeafLitterError.

        From any thread, where close is for the one that reads.
        """
        images = self._iterator() if self._iterator is not None else None
        if images is not None:
            images.interrupt()

    def close(self) -> None:
        """End this process's generator, if one runs."""
        self._replace()
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    def __enter__(self) -> LeafLitterStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
