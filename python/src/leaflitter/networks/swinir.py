"""SwinIR, the light one for super-resolution.

J. Liang et al., "SwinIR: Image Restoration Using Swin Transformer", ICCV Workshops 2021. The
modules are named as in the published implementation, so that its weights fit; its buffers
(relative_position_index, attn_mask) are computed here and are not among the weights.
Stochastic depth (0.1 in the published training) is left out: every random number of training
comes from the seed and the step, and the light network is too small to need it.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from .attention import Block, Norm, shift_mask
from .network import Network, Spec

_FEATURES, _GROUPS, _BLOCKS, _HEADS, _WINDOW, _RATIO = 60, 4, 6, 6, 8, 2
_MEAN = (0.4488, 0.4371, 0.4040)  # of DIV2K, RGB


class SwinIRLight(Network):
    """SwinIR light: 4 groups of 6 blocks, 60 features, 6 heads, windows of 8 x 8, one-step
    upsampling by a convolution and a pixel shuffle."""

    multiple = _WINDOW
    reflects = True

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        mean = _MEAN if spec.channels == 3 else (0.0,) * spec.channels
        self.register_buffer("mean", torch.tensor(mean).reshape(1, -1, 1, 1), persistent=False)
        self.conv_first = nn.Conv2d(spec.channels, _FEATURES, 3, padding=1)
        self.patch_embed = _Embedding()
        self.layers = nn.ModuleList([_Group() for _ in range(_GROUPS)])
        self.norm = Norm(_FEATURES)
        self.conv_after_body = nn.Conv2d(_FEATURES, _FEATURES, 3, padding=1)
        self.upsample = nn.Sequential(nn.Conv2d(_FEATURES, spec.scale**2 * spec.channels, 3, padding=1), nn.PixelShuffle(spec.scale))
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def restored(self, x: Any, sigma: Any) -> Any:
        shallow = self.conv_first(x - self.mean)
        mask = shift_mask(x.shape[-2], x.shape[-1], _WINDOW, _WINDOW // 2, shallow)
        deep = self.patch_embed.norm(shallow.permute(0, 2, 3, 1))
        for layer in self.layers:
            deep = layer(deep, mask)
        deep = self.conv_after_body(self.norm(deep).permute(0, 3, 1, 2))
        return self.upsample(shallow + deep) + self.mean


class _Embedding(nn.Module):
    """The normalisation before the first group; it has a module of its own for its name."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = Norm(_FEATURES)


class _Blocks(nn.Module):
    """Blocks of which every second one shifts its windows by half."""

    def __init__(self) -> None:
        super().__init__()
        shifts = [0 if i % 2 == 0 else _WINDOW // 2 for i in range(_BLOCKS)]
        self.blocks = nn.ModuleList([Block(_FEATURES, _WINDOW, _HEADS, shift, _RATIO) for shift in shifts])

    def forward(self, x: Any, mask: Any) -> Any:
        for block in self.blocks:
            x = block(x, mask)
        return x


class _Group(nn.Module):
    """x + conv(blocks(x)), B x H x W x C: the residual Swin transformer block of the paper."""

    def __init__(self) -> None:
        super().__init__()
        self.residual_group = _Blocks()
        self.conv = nn.Conv2d(_FEATURES, _FEATURES, 3, padding=1)

    def forward(self, x: Any, mask: Any) -> Any:
        deep = self.residual_group(x, mask).permute(0, 3, 1, 2)
        return x + self.conv(deep).permute(0, 2, 3, 1)
