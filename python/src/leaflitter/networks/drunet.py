"""DRUNet: a U-Net of residual blocks, told the noise level by a further input channel.

K. Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", IEEE TPAMI 44(10),
2022. The modules are named as in the published implementation, so that its weights fit.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .network import Network, Spec

_FEATURES = (64, 128, 256, 512)
_BLOCKS = 4


class DRUNet(Network):
    """DRUNet: 64, 128, 256 and 512 features at four scales, 4 residual blocks each way.

    No biases and no normalisation. The convolutions start orthogonal with a gain of 0.2, as in
    the published training code.
    """

    multiple = 8

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        first, second, third, fourth = _FEATURES
        self.m_head = _conv(spec.channels + (0 if spec.blind else 1), first)
        self.m_down1 = _down(first, second)
        self.m_down2 = _down(second, third)
        self.m_down3 = _down(third, fourth)
        self.m_body = nn.Sequential(*_blocks(fourth))
        self.m_up3 = _up(fourth, third)
        self.m_up2 = _up(third, second)
        self.m_up1 = _up(second, first)
        self.m_tail = _conv(first, spec.channels)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.orthogonal_(module.weight, 0.2)

    def restored(self, x: Any, sigma: Any) -> Any:
        if sigma is not None:
            batch, _, height, width = x.shape
            x = torch.cat([x, sigma.expand(batch, 1, height, width)], 1)
        first = self.m_head(x)
        second = self.m_down1(first)
        third = self.m_down2(second)
        fourth = self.m_down3(third)
        x = self.m_body(fourth)
        x = self.m_up3(x + fourth)
        x = self.m_up2(x + third)
        x = self.m_up1(x + second)
        return self.m_tail(x + first)


class _Residual(nn.Module):
    """x + conv(ReLU(conv(x)))."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.res = nn.Sequential(_conv(features, features), nn.ReLU(inplace=True), _conv(features, features))

    def forward(self, x: Any) -> Any:
        return x + self.res(x)


def _conv(inputs: int, outputs: int) -> Any:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)


def _blocks(features: int) -> Any:
    return [_Residual(features) for _ in range(_BLOCKS)]


def _down(inputs: int, outputs: int) -> Any:
    return nn.Sequential(*_blocks(inputs), nn.Conv2d(inputs, outputs, 2, stride=2, bias=False))


def _up(inputs: int, outputs: int) -> Any:
    return nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 2, stride=2, bias=False), *_blocks(outputs))
