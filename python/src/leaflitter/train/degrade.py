"""Clean batches made into pairs, on the device that trains."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Optional, Tuple

import numpy as np
import torch

from ..restore.resize import imresize, quantised
from ..restore.tasks import Task

_NOISE = 1  # purposes of randomness; data.py has others


def seed_of(seed: int, step: int, purpose: int) -> int:
    """A seed for PyTorch's generators, a hash of the run's seed, the step and the purpose.

    The generator of the CPU takes 32 bits of it.
    """
    state = np.random.SeedSequence([seed, step, purpose]).generate_state(1, np.uint64)
    return int(state[0]) >> 1


def pairs(images: Any, task: Task, seed: int, step: int) -> Tuple[Any, Any, Optional[Any]]:
    """(given, clean, sigma) of uint8 images B x C x P x P on any device.

    Denoising: given is clean + sigma * normal noise, neither clipped nor rounded, sigma (a
    tensor of B, for values in [0, 1]) uniform over the task's range. Super-resolution: given is
    clean reduced as MATLAB's imresize does and rounded to 8 bits, sigma None. The numbers
    depend on (seed, step) and on the kind of device, whose generator draws them.
    """
    clean = images.float() / 255
    if task.kind == "sr":
        return quantised(imresize(clean, Fraction(1, task.scale))), clean, None
    generator = torch.Generator(device=images.device)
    generator.manual_seed(seed_of(seed, step, _NOISE))
    low, high = (s / 255 for s in task.sigma)
    sigma = low + (high - low) * torch.rand(len(clean), generator=generator, device=images.device)
    noise = torch.randn(clean.shape, generator=generator, device=images.device)
    return clean + sigma.view(-1, 1, 1, 1) * noise, clean, sigma
