"""PSNR and SSIM as the field computes them, on 8-bit images.

Both leave a border out where asked to. SSIM is that of Z. Wang et al., "Image Quality
Assessment: From Error Visibility to Structural Similarity", IEEE TIP 13(4), 2004: a Gaussian
window of 11 x 11 with sigma 1.5, only where it lies within the image, and the mean over the
channels.
"""

from __future__ import annotations

import math
from typing import Any, Tuple

import numpy as np
import numpy.typing as npt

from .._errors import LeafLitterError

Array = npt.NDArray[Any]
_WINDOW, _SIGMA = 11, 1.5


def luma(image: Array) -> Array:
    """The Y of BT.601, 16 to 235, of a uint8 H x W x 3 RGB image: float64 H x W.

    Not rounded, as in BasicSR and the papers that use it; MATLAB's rgb2ycbcr rounds uint8.
    """
    y: Array = image.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255 + 16
    return y


def psnr(a: Array, b: Array, border: int = 0) -> float:
    """Peak signal-to-noise ratio in dB, of the peak 255; infinite for equal images.

    a and b are H x W x C or H x W, 0 to 255; border pixels on each side are left out.
    """
    a, b = _cropped(a, b, border, 1)
    error = float(np.mean((a - b) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def ssim(a: Array, b: Array, border: int = 0) -> float:
    """Structural similarity, at most 1; images as for psnr, 11 x 11 or more within the border."""
    a, b = _cropped(a, b, border, _WINDOW)
    stable1, stable2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = _filtered(a), _filtered(b)
    variance_a = _filtered(a * a) - mean_a**2
    variance_b = _filtered(b * b) - mean_b**2
    covariance: Array = _filtered(a * b) - mean_a * mean_b
    above = (2 * mean_a * mean_b + stable1) * (2 * covariance + stable2)
    below = (mean_a**2 + mean_b**2 + stable1) * (variance_a + variance_b + stable2)
    return float(np.mean(above / below))


def _filtered(x: Array) -> Array:
    """H - 10 x W - 10 ...: the Gaussian window's means."""
    place = np.arange(_WINDOW) - _WINDOW // 2
    weights = np.exp(-(place**2) / (2 * _SIGMA**2))
    weights /= weights.sum()
    for axis in (0, 1):
        x = np.moveaxis(x, axis, 0)
        count = len(x) - _WINDOW + 1
        x = np.moveaxis(sum(w * x[i : i + count] for i, w in enumerate(weights)), 0, axis)
    return x


def _cropped(a: Array, b: Array, border: int, least: int) -> Tuple[Array, Array]:
    if a.shape != b.shape:
        raise LeafLitterError(f"images of {a.shape} and {b.shape} cannot be compared; they are of one shape")
    if border < 0 or min(a.shape[:2]) - 2 * border < least:
        raise LeafLitterError(f"an image of {a.shape[1]} x {a.shape[0]} is too small to be compared without a border of {border}; {least} x {least} pixels must be left")
    inner = slice(border, -border or None)
    return a[inner, inner].astype(np.float64), b[inner, inner].astype(np.float64)
