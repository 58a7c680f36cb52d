"""A small denoiser that one core trains in minutes, to compare training images by.

It is of no publication: an FFDNet (sub-images at half resolution, told the noise level) with seven layers and no normalisation, whose statistics of a few small patches would
only blur what differs between sets of images.
"""

from __future__ import annotations

from typing import Any, List

import torch
from torch import nn
from torch.nn import functional as F

from .network import Network, Spec

_LAYERS, _FEATURES = 7, 48


class Small(Network):
    """Seven 3 x 3 convolutions of 48 features, which predict the noise.

    They start as K. He and others have it (ICCV 2015), the last a tenth of that, so that an
    untrained network changes its input little.
    """

    multiple = 2

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        sub_images = 4 * spec.channels
        widths = [sub_images + (0 if spec.blind else 1), *[_FEATURES] * (_LAYERS - 1), sub_images]
        body: List[Any] = []
        for inputs, outputs in zip(widths, widths[1:]):
            conv = nn.Conv2d(inputs, outputs, 3, padding=1)
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)
            body += [conv, nn.ReLU(inplace=True)]
        self.body = nn.Sequential(*body[:-1])
        with torch.no_grad():
            self.body[-1].weight.mul_(0.1)

    def restored(self, x: Any, sigma: Any) -> Any:
        inputs = F.pixel_unshuffle(x, 2)
        if sigma is not None:
            inputs = torch.cat([inputs, sigma.expand(-1, 1, *inputs.shape[2:])], 1)
        return x - F.pixel_shuffle(self.body(inputs), 2)
