"""Cases: a photograph, what a network is given of it, and how its answer is scored."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Optional, Tuple

import numpy as np
import numpy.typing as npt
import torch

from .._errors import LeafLitterError
from ..restore import metrics
from ..restore.noise import gaussian, seed_of
from ..restore.resize import imresize, quantised
from ..restore.tasks import Task

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Case:
    """A clean image and its degraded version.

    clean is uint8 H x W x C; given float32 C x H' x W' in [0, 1] (noise goes beyond); sigma
    the noise's standard deviation in these units; baseline uint8 H x W x C is what no network
    gives: the noisy image clipped and rounded to 8 bits, or the bicubic enlargement.
    """

    name: str
    clean: Array
    given: Any
    sigma: float
    baseline: Array
    task: Task
    border: int

    def score(self, image: Array) -> Tuple[float, float]:
        """PSNR in dB and SSIM of a uint8 image: of Y for super-resolution of colour images, else of all channels."""
        pair = self._compared(image), self._compared(self.clean)
        return metrics.psnr(*pair, self.border), metrics.ssim(*pair, self.border)

    def psnr(self, image: Array) -> float:
        """The PSNR alone, which takes less time."""
        return metrics.psnr(self._compared(image), self._compared(self.clean), self.border)

    def _compared(self, image: Array) -> Array:
        return metrics.luma(image) if scored(self.task, image.shape[2]) == "Y" else image


def scored(task: Task, channels: int) -> str:
    """Which channels are compared: RGB, Y or grey."""
    return "grey" if channels == 1 else "Y" if task.kind == "sr" else "RGB"


def fits(name: str, image: Array, task: Task, border: Optional[int]) -> int:
    """The border, the task's own where none is given. Raises LeafLitterError where the image is too small."""
    if border is None:
        border = 0 if task.kind == "denoise" else task.scale
    least = 11 + 2 * border
    if min(n - n % task.scale for n in image.shape[:2]) < least:
        raise LeafLitterError(f"image {name} is {image.shape[1]} x {image.shape[0]}; {task} needs at least {least + -least % task.scale} pixels each way")
    return border


def case(name: str, image: Array, task: Task, seed: int, border: Optional[int]) -> Case:
    """The case of a clean uint8 H x W x C image.

    Denoising: Gaussian noise of the task's sigma, neither clipped nor rounded, a function of
    seed and name. Super-resolution: the image cropped at the right and bottom to a multiple of
    the scale, reduced by imresize and rounded to 8 bits. The border is 0 for denoising and
    the scale for super-resolution, unless given.
    """
    border = fits(name, image, task, border)
    height, width = (n - n % task.scale for n in image.shape[:2])
    clean = image[:height, :width]
    x = torch.from_numpy(np.ascontiguousarray(clean)).movedim(2, 0).float() / 255
    if task.kind == "sr":
        given = quantised(imresize(x, Fraction(1, task.scale)))
        return Case(name, clean, given, 0.0, eight_bits(imresize(given, (height, width))), task, border)
    sigma = task.sigma[0] / 255
    given = x + sigma * torch.from_numpy(gaussian(clean.shape, seed_of(name, seed))).movedim(2, 0)
    return Case(name, clean, given, sigma, eight_bits(given), task, border)


def eight_bits(x: Any) -> Array:
    """C x H x W float as uint8 H x W x C, clipped and rounded."""
    return (quantised(x) * 255).round().to(torch.uint8).movedim(0, 2).contiguous().numpy()  # type: ignore[no-any-return]
