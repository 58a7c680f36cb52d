"""FFDNet: a convolutional denoiser that works on sub-images at half resolution.

K. Zhang, W. Zuo, L. Zhang, "FFDNet: Toward a Fast and Flexible Solution for CNN-Based Image
Denoising", IEEE TIP 27(9), 2018. As in the published implementations there is one noise-level
channel for each image channel, they come before the sub-images, and the network predicts the
noise.
"""

from __future__ import annotations

from typing import Any, List

import torch
from torch import nn
from torch.nn import functional as F

from .network import Network, Spec

# Layers and features, by the image's channels.
_SIZES = {3: (12, 96), 1: (15, 64)}


class FFDNet(Network):
    """FFDNet: 12 layers of 96 features for colour, 15 of 64 for grey images.

    The convolutions (3 x 3, zero padding, no bias) start orthogonal, as in the paper, the last
    with a gain of 0.2 so that an untrained network changes its input little; batch
    normalisation starts at weight 1 and bias 0.
    """

    multiple = 2

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        layers, features = _SIZES[spec.channels]
        sub_images = 4 * spec.channels
        levels = 0 if spec.blind else spec.channels
        body: List[Any] = [_conv(levels + sub_images, features), nn.ReLU(inplace=True)]
        for _ in range(layers - 2):
            body += [_conv(features, features), nn.BatchNorm2d(features), nn.ReLU(inplace=True)]
        body.append(_conv(features, sub_images, gain=0.2))
        self.body = nn.Sequential(*body)

    def restored(self, x: Any, sigma: Any) -> Any:
        inputs = F.pixel_unshuffle(x, 2)  # B x 4C x H/2 x W/2: the four sub-images of a channel lie together
        if sigma is not None:
            batch, _, height, width = inputs.shape
            inputs = torch.cat([sigma.expand(batch, self.spec.channels, height, width), inputs], 1)
        return x - F.pixel_shuffle(self.body(inputs), 2)


def _conv(inputs: int, outputs: int, gain: float = 2**0.5) -> Any:
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    nn.init.orthogonal_(conv.weight, gain)
    return conv
