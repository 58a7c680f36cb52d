"""The noise of evaluations, the same for ever."""

from __future__ import annotations

import zlib
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt


def gaussian(shape: Tuple[int, ...], seed: int) -> npt.NDArray[Any]:
    """Standard Gaussian noise, float32, a function of shape and seed (0 to 2^32 - 1).

    numpy.random.RandomState is frozen: its numbers are the same in every version of NumPy.
    """
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def seed_of(name: str, seed: int) -> int:
    """An image's own seed: of its name and the evaluation's seed, whatever else is evaluated."""
    return zlib.crc32(f"{seed}/{name}".encode())
