"""Memory that ran out, among PyTorch's errors."""

from __future__ import annotations

from ._errors import LeafLitterError

_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def exhausted(error: BaseException) -> bool:
    """Whether this says that memory ran out: PyTorch has no type of its own for that of the CPU."""
    if isinstance(error, LeafLitterError):  # it has said what is wrong, and where
        return False
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _WORDS)
