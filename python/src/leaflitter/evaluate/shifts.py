"""Shifts of the test images: geometry and colour that a training set may not have shown.

After "VibrantLeaves: A principled parametric image generator for training deep restoration
models" (arXiv 2504.10201), which tests networks under such perturbations. The clean photograph
is changed first and degraded then: the noise stays what it was. Images are uint8 H x W x C.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, Tuple

import numpy as np
import torch

from .._errors import LeafLitterError
from ..restore.resize import imresize
from .cases import Array, eight_bits

ROTATIONS = (7.0, 23.0, 45.0, 67.0)  # degrees: none that a training's flips and quarter turns show
SCALES = (0.5, 0.75, 1.5)
EXPOSURES = (-1.0, -0.5, 0.5, 1.0)  # EV
CONTRASTS = (0.5, 0.75, 1.5)
HUES = (30.0, 60.0, 120.0, 180.0)  # degrees


@dataclass(frozen=True)
class Shift:
    """A change of clean images: its kind (rotation ...), its amount, and the function."""

    kind: str
    amount: str
    apply: Callable[[Array], Array]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}".strip()


NONE = Shift("none", "", lambda image: image)


def shifts(channels: int) -> Tuple[Shift, ...]:
    """All shifts, the unchanged image first; grey images have no hue."""
    out = [NONE]
    out += [Shift("rotation", f"{a:g}°", partial(rotated, degrees=a)) for a in ROTATIONS]
    out += [Shift("scale", f"x{s:g}", partial(rescaled, factor=s)) for s in SCALES]
    out += [Shift("exposure", f"{e:+g} EV", partial(exposed, ev=e)) for e in EXPOSURES]
    out += [Shift("contrast", f"x{c:g}", partial(contrasted, factor=c)) for c in CONTRASTS]
    if channels == 3:
        out += [Shift("hue", f"{h:g}°", partial(hue_turned, degrees=h)) for h in HUES]
    return tuple(out)


def rotated(image: Array, degrees: float) -> Array:
    """The image turned anticlockwise, cut to the largest upright rectangle that lies within it.

    Interpolated by Keys' cubic convolution, a = -1/2. That smooths a little, for every network
    alike.
    """
    height, width = image.shape[:2]
    radians = math.radians(degrees)
    sine, cosine = math.sin(radians), math.cos(radians)
    # Between the centres of the outermost pixels, so that no pixel is invented.
    inner_width, inner_height = _largest_upright(width - 1, height - 1, abs(sine), abs(cosine))
    columns, rows = int(inner_width + 1e-6) + 1, int(inner_height + 1e-6) + 1
    x, y = np.meshgrid(np.arange(columns) - (columns - 1) / 2, np.arange(rows) - (rows - 1) / 2)
    from_x = (width - 1) / 2 + cosine * x - sine * y
    from_y = (height - 1) / 2 + sine * x + cosine * y
    return _rounded(_sampled(image.astype(np.float64), from_y, from_x))


def _largest_upright(width: float, height: float, sine: float, cosine: float) -> Tuple[float, float]:
    """Width and height of the largest upright rectangle in a turned one; sine, cosine >= 0.

    The rectangle of w x h fits when w cos + h sin <= width and w sin + h cos <= height. Its area
    is largest where both hold with equality, or, for a long image, where only the short side
    binds: then each of its terms is half of it.
    """
    short, long = sorted((width, height))
    if short <= 2 * sine * cosine * long:
        by_sine, by_cosine = short / 2 / max(sine, 1e-12), short / 2 / max(cosine, 1e-12)
        return (by_cosine, by_sine) if width < height else (by_sine, by_cosine)
    determinant = cosine**2 - sine**2
    return (width * cosine - height * sine) / determinant, (height * cosine - width * sine) / determinant


def _sampled(image: Array, y: Array, x: Array) -> Array:
    """The image at fractional places, the edge repeated beyond it: 4 x 4 pixels weigh in."""
    height, width = image.shape[:2]
    top, left = np.floor(y).astype(np.int64), np.floor(x).astype(np.int64)
    down, right = _weights(y - top), _weights(x - left)
    out: Array = np.zeros((*y.shape, image.shape[2]))
    for i in range(4):
        row = np.clip(top + i - 1, 0, height - 1)
        for j in range(4):
            out += (down[i] * right[j])[..., None] * image[row, np.clip(left + j - 1, 0, width - 1)]
    return out


def _weights(t: Array) -> Tuple[Array, Array, Array, Array]:
    """Keys' kernel for the pixels at -1, 0, 1 and 2 from a place t in [0, 1)."""
    return (
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    )


def rescaled(image: Array, factor: float) -> Array:
    """The image resized by imresize."""
    x = torch.from_numpy(np.ascontiguousarray(image)).movedim(2, 0).float() / 255
    return eight_bits(imresize(x, factor))


def exposed(image: Array, ev: float) -> Array:
    """Linear light times 2^ev, clipped: sRGB (IEC 61966-2-1) is decoded and encoded again."""
    return _rounded(255 * _encoded(_linear(image / 255) * 2**ev))


def contrasted(image: Array, factor: float) -> Array:
    """Distances from the image's mean, over all pixels and channels, times the factor; clipped."""
    mean = image.mean()
    return _rounded(mean + factor * (image - mean))


def hue_turned(image: Array, degrees: float) -> Array:
    """Hues turned in HSV, value and saturation kept: every colour stays within sRGB, unclipped.

    Luma changes with it: a turn by 120 degrees exchanges the channels.
    """
    if image.shape[2] != 3:
        raise LeafLitterError("a grey image has no hue to turn; leave this shift out")
    rgb = image.astype(np.float64)
    value, least = rgb.max(2), rgb.min(2)
    chroma = value - least
    safe = np.where(chroma == 0, 1, chroma)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    hue = np.select([value == red, value == green], [(green - blue) / safe, 2 + (blue - red) / safe], 4 + (red - green) / safe)  # sixths of a turn
    hue = hue + degrees / 60
    channels = []
    for place in (5, 3, 1):  # each channel falls and rises with the hue, a third of a turn apart
        k = (place + hue) % 6
        channels.append(value - chroma * np.clip(np.minimum(k, 4 - k), 0, 1))
    return _rounded(np.stack(channels, 2))


def _linear(srgb: Array) -> Array:
    linear: Array = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear


def _encoded(linear: Array) -> Array:
    linear = np.clip(linear, 0, 1)
    srgb: Array = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return srgb


def _rounded(values: Array) -> Array:
    levels: Array = np.clip(np.floor(values + 0.5), 0, 255).astype(np.uint8)
    return levels
