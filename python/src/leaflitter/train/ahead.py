"""Batches made by a thread before they are needed."""

from __future__ import annotations

import queue
import threading
from typing import Any, Generator, Iterator

import torch

_BATCHES = 4


class Ahead(Iterator[Any]):
    """Tensors of the arrays of a generator, a few made ahead.

    A thread, not a DataLoader's worker: the program that generates is a process already, so
    another would only copy, and the errors of a thread arrive as they are.
    """

    def __init__(self, arrays: Generator[Any, None, None], pin: bool) -> None:
        self._arrays, self._pin = arrays, pin
        self._ready: queue.Queue[Any] = queue.Queue(_BATCHES)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leaflitter batches", daemon=True)

    def __enter__(self) -> Ahead:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, and the generator with it."""
        self._stopping.set()
        self._thread.join()

    def __next__(self) -> Any:
        item = self._ready.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _run(self) -> None:
        try:
            for array in self._arrays:
                tensor = torch.from_numpy(array)
                self._put(tensor.pin_memory() if self._pin else tensor)
                if self._stopping.is_set():
                    break
            self._arrays.close()
        except BaseException as error:
            self._put(error)

    def _put(self, item: Any) -> None:
        while not self._stopping.is_set():
            try:
                return self._ready.put(item, timeout=0.1)
            except queue.Full:
                continue
