"""Learning rates as functions of the step alone, so that a resumed run has the same ones."""

from __future__ import annotations

import math
import re

from .._errors import LeafLitterError

_STEPS = re.compile(r"halve:([1-9]\d{0,8})")


def check(schedule: str) -> None:
    """Raise LeafLitterError for what is no schedule."""
    if schedule not in ("constant", "cosine") and not _STEPS.fullmatch(schedule):
        raise LeafLitterError(f"there is no schedule {schedule!r}; give constant, cosine, or halve:N, which halves the rate every N steps")


def rate(schedule: str, base: float, step: int, iterations: int, warmup: int = 0) -> float:
    """The learning rate of a step, 0 the first.

    constant: base. cosine: base * (1 + cos(pi step / iterations)) / 2 (Loshchilov and Hutter,
    SGDR, without restarts). halve:N: base / 2^floor(step / N). The first warmup steps are
    scaled by (step + 1) / warmup.
    """
    value = base
    if schedule == "cosine":
        value *= (1 + math.cos(math.pi * min(step, iterations) / iterations)) / 2
    elif match := _STEPS.fullmatch(schedule):
        value *= 0.5 ** (step // int(match[1]))
    return value * min(1.0, (step + 1) / warmup) if warmup else value
