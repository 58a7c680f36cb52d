"""The map-style dataset: any image by its index."""

from __future__ import annotations

import operator
import os
import threading
from typing import Any, Dict, Iterator, List, Optional, Sequence, SupportsIndex

from . import _torch
from ._archive import Archive
from ._child import Child
from ._command import Path, Settings, Size, options
from ._errors import LeafLitterError

_LINE = 64  # images a request; longer lists are asked for in pieces, one ahead


class LeafLitter(_torch.Dataset[Any]):
    """Images by index: ``ds[i]`` is image i of (preset, settings, seed), always the same.

    ``ds[i]`` is a C x H x W uint8 tensor (C is 3, or 1 for grey), an array with ``numpy=True``
    or without PyTorch, and with ``labels`` a dictionary: "image", and for each label H x W
    (see docs/pytorch.md for their types). Indices run from 0 to length - 1, negative ones
    from the end; others raise IndexError.

    Each process that reads starts its own generator, which lives until the dataset is
    closed, collected, or the process ends. ``size`` is a number, "WIDTHxHEIGHT" or
    (width, height); ``set`` changes fields of the configuration ({"leaves.r_min": 2}).
    ``threads`` defaults to all cores, in DataLoader workers to an equal share of them.

    Raises LeafLitterError when the program is not found, and on reading when the
    generator refuses its settings, dies, or sends no byte for ``timeout`` seconds. After
    an error the next read starts a new generator.
    """

    def __init__(
        self,
        preset: Optional[str] = None,
        config: Optional[Path] = None,
        size: Optional[Size] = None,
        seed: int = 0,
        length: int = 1_000_000,
        labels: Sequence[str] = (),
        palette: Optional[Path] = None,
        photos: Optional[Path] = None,
        set: Settings = (),
        backend: str = "auto",
        threads: Optional[int] = None,
        binary: Optional[Path] = None,
        timeout: float = 120.0,
        numpy: bool = False,
    ) -> None:
        if length < 1:
            raise LeafLitterError(f"length is {length}; give 1 or more")
        self._options = options(
            preset=preset, config=config, size=size, seed=seed, labels=labels, palette=palette, photos=photos,
            set=set, backend=backend, threads=threads, binary=binary, timeout=timeout,
        )  # fmt: skip
        self._length = length
        self._numpy = numpy
        self._reset()

    def _reset(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._archive: Optional[Archive] = None

    def __getstate__(self) -> Dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k not in ("_owner", "_lock", "_archive")}

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: SupportsIndex) -> Any:
        return self.__getitems__([index])[0]

    def __getitems__(self, indices: Sequence[SupportsIndex]) -> List[Any]:
        """The samples of a list of indices, any order, repeats allowed."""
        wanted = [self._check(i) for i in indices]
        if self._owner != os.getpid():
            self._reset()  # a forked copy: the generator and a lock that may be held are the parent's
        with self._lock:
            try:
                return self._fetch(wanted)
            except BaseException:
                self._stop()  # whatever was left unread would answer the next request
                raise

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, self._length, _LINE):
            yield from self.__getitems__(range(first, min(first + _LINE, self._length)))

    def _check(self, index: SupportsIndex) -> int:
        i = operator.index(index)
        if not -self._length <= i < self._length:
            raise IndexError(f"image {i} is out of range; length is {self._length}")
        return i + self._length if i < 0 else i

    def _fetch(self, wanted: List[int]) -> List[Any]:
        if self._archive is None or self._archive.child.closed:
            o = self._options
            child = Child(o.command(_torch.threads(o.threads), "--requests"), o.timeout, requests=True)
            self._archive = Archive(child, o.labels)
        archive = self._archive
        lines = [wanted[i : i + _LINE] for i in range(0, len(wanted), _LINE)]
        samples: List[Any] = []
        for i in range(len(lines)):
            for line in lines[: 2] if i == 0 else lines[i + 1 : i + 2]:
                archive.child.send(" ".join(map(str, line)))
            samples += _torch.split(_torch.convert(archive.read(), self._numpy))
        return samples

    def _stop(self) -> None:
        if self._archive is not None:
            self._archive.child.close()
            self._archive = None

    def close(self) -> None:
        """End this process's generator, if one runs; the next read starts another."""
        if self._owner == os.getpid():
            with self._lock:
                self._stop()

    def __enter__(self) -> LeafLitter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
