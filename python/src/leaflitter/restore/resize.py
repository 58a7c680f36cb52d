"""Bicubic resizing as MATLAB's imresize does it, and rounding to 8 bits.

R. G. Keys, "Cubic Convolution Interpolation for Digital Image Processing", IEEE TASSP 29(6),
1981, with a = -1/2. When an image shrinks the kernel is stretched by the factor, which is
MATLAB's antialiasing. Images are continued by their reflection that repeats the edge pixel.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any, Tuple, Union

import numpy as np
import numpy.typing as npt
import torch

from .._errors import LeafLitterError

Scale = Union[int, float, Fraction, Tuple[int, int]]


def imresize(x: Any, scale: Scale) -> Any:
    """x, ... x H x W, resized by a factor to ceil(scale * H) x ceil(scale * W), or to (H', W').

    Computed in float64 whatever autocast says, and returned in x's type (floating). The result
    is not clipped: bicubic interpolation overshoots at edges.
    """
    height, width = x.shape[-2:]
    if isinstance(scale, tuple):
        rows, columns = _matrix(height, scale[0], scale[0] / height), _matrix(width, scale[1], scale[1] / width)
    else:
        if not (math.isfinite(scale) and scale > 0):
            raise LeafLitterError(f"images cannot be resized by {scale}; the factor is greater than 0")
        exact = Fraction(scale).limit_denominator(10**6)  # ceil(500 * 0.1) shall be 50, not 51
        rows, columns = (_matrix(n, math.ceil(n * exact), float(scale)) for n in (height, width))
    # float64 is exempt from autocast and from TF32, which would cost the low bits.
    double = x.to(torch.float64)
    double = torch.from_numpy(rows).to(x.device) @ double
    double = double @ torch.from_numpy(columns).to(x.device).T
    return double.to(x.dtype)


def quantised(x: Any) -> Any:
    """x clipped to [0, 1] and rounded to 256 levels, halves up, as float of x's type."""
    return torch.floor(x.clamp(0, 1) * 255 + 0.5) / 255


def _kernel(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x**2 + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


@lru_cache(maxsize=64)
def _matrix(before: int, after: int, scale: float) -> npt.NDArray[Any]:
    """after x before: the weights of a line's pixels in each resized pixel."""
    if after < 1:
        raise LeafLitterError(f"{before} pixels cannot be resized to {after}; an image has at least 1")
    stretch = min(scale, 1.0)
    centre = (np.arange(after) + 0.5) / scale - 0.5
    reach = math.ceil(2 / stretch) + 1
    taps = np.floor(centre)[:, None].astype(np.int64) + np.arange(1 - reach, reach + 1)
    weights = _kernel(stretch * (centre[:, None] - taps))
    weights /= weights.sum(1, keepdims=True)
    taps %= 2 * before
    taps = np.where(taps < before, taps, 2 * before - 1 - taps)
    matrix = np.zeros((after, before))
    np.add.at(matrix, (np.arange(after)[:, None], taps), weights)
    return matrix
