"""Attention within windows, and the transformer block of SwinIR that is made of it.

Z. Liu et al., "Swin Transformer: Hierarchical Vision Transformer using Shifted Windows",
ICCV 2021. Images are B x H x W x C here, H and W multiples of the window.
"""

from __future__ import annotations

from typing import Any, Optional

import torch
from torch import nn
from torch.nn import functional as F


def windows(x: Any, size: int) -> Any:
    """B x H x W x C cut into windows: (B * windows) x size*size x C."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // size, size, width // size, size, channels)
    return x.transpose(2, 3).reshape(-1, size * size, channels)


def joined(x: Any, size: int, height: int, width: int) -> Any:
    """The inverse of windows: B x height x width x C."""
    x = x.reshape(-1, height // size, width // size, size, size, x.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, x.shape[-1])


def shift_mask(height: int, width: int, size: int, shift: int, like: Any) -> Any:
    """windows x size*size x size*size: 0 where two pixels of a shifted window may see each
    other, -100 where only the cyclic shift brought them together."""

    def regions(length: int) -> Any:
        region = torch.zeros(length, device=like.device)
        region[-size:] = 1
        region[-shift:] = 2
        return region

    region = 3 * regions(height)[:, None] + regions(width)[None, :]
    region = windows(region[None, :, :, None], size)[..., 0]
    apart = region[:, :, None] != region[:, None, :]
    return torch.where(apart, -100.0, 0.0).to(like.dtype)


class WindowAttention(nn.Module):
    """Multi-head self-attention within windows, with a learnt bias for each relative position."""

    def __init__(self, features: int, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * size - 1) ** 2, heads))
        self.qkv = nn.Linear(features, 3 * features)
        self.proj = nn.Linear(features, features)
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)
        place = torch.stack(torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")).flatten(1)
        apart = place[:, :, None] - place[:, None, :] + size - 1  # each 0 .. 2 size - 2
        self.register_buffer("relative_position_index", apart[0] * (2 * size - 1) + apart[1], persistent=False)

    def forward(self, x: Any, mask: Optional[Any]) -> Any:
        """x: (B * windows) x N x C; mask: windows x N x N, added to the attention."""
        count, pixels, features = x.shape
        qkv = self.qkv(x).reshape(count, pixels, 3, self.heads, features // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = qkv[0], qkv[1], qkv[2]
        scores = query * (features // self.heads) ** -0.5 @ key.transpose(-2, -1)
        bias = self.relative_position_bias_table[self.relative_position_index]  # N x N x heads
        scores = scores + bias.permute(2, 0, 1)
        if mask is not None:
            scores = scores.reshape(-1, mask.shape[0], self.heads, pixels, pixels) + mask[:, None]
            scores = scores.reshape(count, self.heads, pixels, pixels)
        x = scores.softmax(-1).to(value.dtype) @ value
        return self.proj(x.transpose(1, 2).reshape(count, pixels, features))


class _Perceptron(nn.Module):
    def __init__(self, features: int, hidden: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, features)

    def forward(self, x: Any) -> Any:
        return self.fc2(F.gelu(self.fc1(x)))


class Norm(nn.LayerNorm):
    """Layer normalisation in the type of its weights: autocast to bfloat16 on the CPU leaves it none."""

    def forward(self, x: Any) -> Any:
        return super().forward(x.to(self.weight.dtype))


class Block(nn.Module):
    """Attention in windows shifted by shift pixels, then a perceptron, each added to its input."""

    def __init__(self, features: int, size: int, heads: int, shift: int, ratio: int) -> None:
        super().__init__()
        self.size, self.shift = size, shift
        self.norm1 = Norm(features)
        self.attn = WindowAttention(features, size, heads)
        self.norm2 = Norm(features)
        self.mlp = _Perceptron(features, ratio * features)

    def forward(self, x: Any, mask: Any) -> Any:
        """x: B x H x W x C; mask: of shift_mask, for blocks that shift."""
        height, width = x.shape[1:3]
        y = self.norm1(x)
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
        y = joined(self.attn(windows(y, self.size), mask if self.shift else None), self.size, height, width)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y
        return x + self.mlp(self.norm2(x))
