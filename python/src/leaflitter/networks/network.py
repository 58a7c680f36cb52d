"""What all networks have in common: their description, padding, and the noise level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import torch
from torch import nn
from torch.nn import functional as F

from .._errors import LeafLitterError


@dataclass(frozen=True)
class Spec:
    """Which network: all that is needed to build it again. dataclasses.asdict gives JSON.

    name is one of networks.NAMES; channels 3 (RGB) or 1 (grey); scale the factor of
    super-resolution, 1 for denoisers; blind whether a denoiser is not told the noise level.
    """

    name: str
    channels: int = 3
    scale: int = 1
    blind: bool = False

    def __str__(self) -> str:
        words = [self.name, "colour" if self.channels == 3 else "grey"]
        words += [f"x{self.scale}"] if self.scale > 1 else []
        words += ["blind"] if self.blind else []
        return " ".join(words)


class Network(nn.Module):
    """A network that restores images; spec says which.

    A subclass sets multiple (heights and widths that it can work on are multiples of this) and
    reflects (how images are padded to that), and writes restored(x, sigma).
    """

    multiple = 1
    reflects = False

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.spec = spec
        self.needs_sigma = spec.scale == 1 and not spec.blind

    def restored(self, x: Any, sigma: Any) -> Any:
        """x is padded to the multiple; sigma is B x 1 x 1 x 1 where the network needs it, else None."""
        raise NotImplementedError

    def forward(self, x: Any, sigma: Optional[Any] = None) -> Any:
        """The restored images, B x C x scale*H x scale*W, not clipped.

        x is B x C x H x W, sRGB values in [0, 1] plus noise, of any height and width. sigma is
        the standard deviation of the noise in the same units (8-bit sigma / 255), a number or
        a tensor of B; None for super-resolution and for blind networks.
        """
        if x.dim() != 4 or x.shape[1] != self.spec.channels or min(x.shape) < 1:
            raise LeafLitterError(f"{self.spec.name} was given a tensor of shape {tuple(x.shape)}; it takes B x {self.spec.channels} x H x W, none of them 0")
        if self.needs_sigma != (sigma is not None):
            raise LeafLitterError(
                f"{self.spec} needs the noise level; pass sigma=, the standard deviation for values in [0, 1]"
                if self.needs_sigma
                else f"{self.spec} takes no noise level; leave sigma= out"
            )
        if sigma is not None:
            sigma = torch.as_tensor(sigma, dtype=x.dtype, device=x.device).reshape(-1, 1, 1, 1)
            if sigma.shape[0] not in (1, x.shape[0]):
                raise LeafLitterError(f"{sigma.shape[0]} noise levels were given for {x.shape[0]} images; give one, or one an image")
            sigma = sigma.expand(x.shape[0], 1, 1, 1)
        height, width = x.shape[-2:]
        out = self.restored(self._padded(x), sigma)
        return out[..., : height * self.spec.scale, : width * self.spec.scale]

    def _padded(self, x: Any) -> Any:
        height, width = x.shape[-2:]
        below, right = -height % self.multiple, -width % self.multiple
        if below == right == 0:
            return x
        # A reflection does not repeat the edge, so it reaches less far than the image.
        mode = "reflect" if self.reflects and below < height and right < width else "replicate"
        return F.pad(x, (0, right, 0, below), mode=mode)
