"""Batches made by a thread before they are needed."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any, Callable, Generator, Iterator

import torch

_BATCHES = 4


class Ahead(Iterator[Any]):
    """Tensors of the arrays of a generator, a few made ahead.

    A thread, not a DataLoader's worker: the program that generates is a process already, so
    another would only copy, and the errors of a thread arrive as they are.
    """

    def __init__(self, arrays: Generator[Any, None, None], pin: bool, interrupt: Callable[[], None]) -> None:
        """interrupt lets a read that the thread waits in come to its end."""
        self._arrays, self._pin, self._interrupt = arrays, pin, interrupt
        self._ready: queue.Queue[Any] = queue.Queue(_BATCHES)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leaflitter batches", daemon=True)

    def __enter__(self) -> Ahead:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread, and the generator with it."""
        self._stopping.set()
        end = time.monotonic() + 10  # if something else holds the generator's pipe, it ends with the process
        while self._thread.is_alive() and time.monotonic() < end:
            self._interrupt()
            self._thread.join(0.1)

    def __next__(self) -> Any:
        return self.get(lambda: False)

    def get(self, stop: Callable[[], bool]) -> Any:
        """The next batch, or None once stop() is true while there is none yet."""
        while True:
            try:
                item = self._ready.get(timeout=0.1)
                break
            except queue.Empty:
                if stop():
                    return None
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
