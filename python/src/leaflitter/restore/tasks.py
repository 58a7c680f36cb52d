"""What is restored: Gaussian noise of some strength, or a lower resolution."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple

from .._errors import LeafLitterError

SCALES = (2, 3, 4)
_NUMBER = r"\d+(?:\.\d+)?"
_DENOISE = re.compile(rf"denoise:({_NUMBER})(?:-({_NUMBER}))?")
_SR = re.compile(r"sr:x([234])")


@dataclass(frozen=True)
class Task:
    """A restoration task.

    kind is "denoise" or "sr". sigma is the range of the noise's standard deviation, in
    8-bit units (0 to 255), both ends equal for one strength; (0, 0) for sr. scale is 2, 3 or 4
    for sr, 1 for denoise.
    """

    kind: str
    sigma: Tuple[float, float] = (0.0, 0.0)
    scale: int = 1

    def __str__(self) -> str:
        if self.kind == "sr":
            return f"sr:x{self.scale}"
        low, high = self.sigma
        return f"denoise:{low:g}" if low == high else f"denoise:{low:g}-{high:g}"


def parse(text: str) -> Task:
    """The task that text names: denoise:25, denoise:0-75, sr:x2, sr:x3 or sr:x4.

    Raises LeafLitterError for anything else.
    """
    if match := _SR.fullmatch(text):
        return Task("sr", scale=int(match[1]))
    if match := _DENOISE.fullmatch(text):
        low = float(match[1])
        high = float(match[2]) if match[2] else low
        if low <= high <= 255:
            return Task("denoise", (low, high))
    raise LeafLitterError(f"there is no task {text!r}; give denoise:S or denoise:S-T with 0 <= S <= T <= 255 (standard deviation of 8-bit values), or sr:x2, sr:x3, sr:x4")
