"""When a run stops early: the time is over, or it was asked to."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any, Dict


class Stop:
    """Notes SIGINT and SIGTERM while it is entered; a second one does what it always does.

    Signals are left alone outside of the main thread, which alone may take them.
    """

    def __init__(self, end: float) -> None:
        self.end, self.signal = end, 0
        self.armed = False  # a step was done: calls that are too short for one would never come to an end
        self._before: Dict[int, Any] = {}

    def now(self) -> bool:
        """Whether to stop: a signal came, or time.monotonic() passed the end and armed is set."""
        return bool(self.signal) or self.armed and time.monotonic() >= self.end

    def __enter__(self) -> Stop:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _note(self, number: int, frame: Any) -> None:
        self.signal = number
        self._restore()

    def _restore(self) -> None:
        while self._before:
            number, before = self._before.popitem()
            signal.signal(number, signal.SIG_DFL if before is None else before)
