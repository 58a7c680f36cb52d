"""How far a stream has been read, in memory that DataLoader workers share."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from multiprocessing.context import get_spawning_popen
from multiprocessing.sharedctypes import RawArray
from typing import Any, Dict, List, Sequence, Tuple

from ._errors import LeafLitterError

_WORKERS = 1024

# The first numbers of the shared array.
_LAYOUT = 0  # workers that share this rank's images; 0: not known yet
_FIRST = 1  # the part that worker 0 reads: parts are handed out in turn from here
_FIRST_EPOCH = 2  # the epoch that _FIRST and _BASE are for
_BASE = 3  # images of that epoch, of all ranks, before the first of every part
_EPOCH = 4  # of the iteration under way
_ITERATION = 5  # which that is
_IN_WORKERS = 6  # whether DataLoader workers read
_PARTS = 8  # then epoch and images taken of each part, and both again as the iteration found them


@dataclass
class Part:
    """One worker's share of an epoch: where it goes on."""

    number: int  # of the part, 0 to workers - 1
    epoch: int
    base: int  # images of the epoch before the first of every part
    taken: int  # images of the part that were given already


class Position:
    """The place of every worker. Only ``begin`` and what sets places takes the lock."""

    def __init__(self) -> None:
        self._numbers = RawArray("q", _PARTS + 4 * _WORKERS)
        self._lock = multiprocessing.Lock()

    def __getstate__(self) -> Dict[str, Any]:
        if get_spawning_popen() is not None:  # a worker of this process: share
            return dict(self.__dict__)
        return {"values": list(self._numbers)}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        if "values" in state:
            self.__init__()  # type: ignore[misc]
            self._numbers[:] = state["values"]
        else:
            self.__dict__.update(state)

    def set(self, epoch: int, taken: Sequence[int] = (), first: int = 0, base: int = 0) -> None:
        """Go on in an epoch with so many images taken of each part; none: at its start."""
        with self._lock:
            self._set(epoch, taken, first, base)

    def _set(self, epoch: int, taken: Sequence[int], first: int, base: int) -> None:
        n = self._numbers
        n[_LAYOUT], n[_FIRST], n[_FIRST_EPOCH], n[_BASE], n[_EPOCH], n[_IN_WORKERS] = len(taken), first, epoch, base, epoch, 0
        for p in range(_WORKERS):
            n[_PARTS + 2 * p] = epoch
            n[_PARTS + 2 * p + 1] = taken[p] if p < len(taken) else 0

    def _part(self, p: int) -> Tuple[int, int]:
        return self._numbers[_PARTS + 2 * p], self._numbers[_PARTS + 2 * p + 1]

    def begin(self, worker: int, workers: int, world: int, iteration: int, in_worker: bool) -> Part:
        """The part of a worker that begins to iterate. iteration is one number for all of them."""
        if workers > _WORKERS:
            raise LeafLitterError(f"{workers} DataLoader workers are too many; use at most {_WORKERS}")
        n = self._numbers
        with self._lock:
            if n[_LAYOUT] != workers:
                self._relayout(workers, world)
            if n[_ITERATION] != iteration:
                n[_ITERATION] = iteration
                n[_PARTS + 2 * _WORKERS :] = n[_PARTS : _PARTS + 2 * _WORKERS]
                n[_EPOCH] = min(self._part(p)[0] for p in range(workers))
                if n[_EPOCH] > n[_FIRST_EPOCH]:
                    n[_FIRST], n[_FIRST_EPOCH], n[_BASE] = 0, n[_EPOCH], 0
            n[_IN_WORKERS] = int(in_worker)
            p = (worker + n[_FIRST]) % workers
            epoch, taken = self._part(p)
            return Part(p, epoch, n[_BASE] if epoch == n[_FIRST_EPOCH] else 0, taken)

    def _relayout(self, workers: int, world: int) -> None:
        """Share out what is left among another number of workers."""
        n, old = self._numbers, self._numbers[_LAYOUT]
        epoch, taken = self._part(0)
        if any(self._part(p) != (epoch, taken) for p in range(old)):
            raise LeafLitterError(
                f"{old} workers stopped at different places, so {workers} cannot go on from there; use {old} workers, or call set_epoch first"
            )
        base = n[_BASE] if epoch == n[_FIRST_EPOCH] else 0
        self._set(epoch, [0] * workers, 0, base + taken * old * world)

    def advance(self, part: Part, images: int) -> None:
        """Note that images of a part were given."""
        part.taken += images
        self._numbers[_PARTS + 2 * part.number + 1] = part.taken

    def finish(self, part: Part) -> None:
        """Note that a part of an epoch is at its end."""
        self._numbers[_PARTS + 2 * part.number + 1] = 0
        self._numbers[_PARTS + 2 * part.number] = part.epoch + 1

    def single(self) -> Dict[str, Any]:
        """The place of a stream that one process reads without workers."""
        n = self._numbers
        if n[_IN_WORKERS] or n[_LAYOUT] > 1:
            raise LeafLitterError("DataLoader workers read ahead of training: say how far it is with state_dict(batches=..., batch_size=..., workers=...)")
        epoch, taken = self._part(0)
        return {"epoch": epoch, "taken": [taken], "first": 0, "base": n[_BASE] if epoch == n[_FIRST_EPOCH] else 0}

    def after(self, batches: int, size: int, workers: int) -> Dict[str, Any]:
        """The place after so many batches of the iteration under way, which workers gave in turn."""
        n = self._numbers
        if n[_LAYOUT] != workers:
            raise LeafLitterError(f"state_dict is told of {workers} workers, but {n[_LAYOUT]} read this stream; give the DataLoader's num_workers")
        taken: List[int] = [0] * workers
        for worker in range(workers):
            p = (worker + n[_FIRST]) % workers
            epoch, before = n[_PARTS + 2 * (_WORKERS + p)], n[_PARTS + 2 * (_WORKERS + p) + 1]
            if epoch != n[_EPOCH]:
                raise LeafLitterError("the workers are in different epochs; call set_epoch before each")
            taken[p] = before + size * max(0, -((worker - batches) // workers))
        return {"epoch": n[_EPOCH], "taken": taken, "first": (n[_FIRST] + batches) % workers, "base": n[_BASE]}
