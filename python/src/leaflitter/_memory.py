"""Memory: how much there is, and that it ran out, among PyTorch's errors."""

from __future__ import annotations

import math

from ._errors import LeafLitterError

_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def exhausted(error: BaseException) -> bool:
    """Whether this says that memory ran out: PyTorch has no type of its own for that of the CPU."""
    if isinstance(error, LeafLitterError):  # it has said what is wrong, and where
        return False
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _WORDS)


def available() -> float:
    """Bytes of memory that nobody uses; on other systems than Linux it is not known."""
    try:
        with open("/proc/meminfo") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError):
        return math.inf
