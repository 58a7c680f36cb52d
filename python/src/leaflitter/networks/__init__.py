"""Networks that denoise (FFDNet, DRUNet, and a small one for studies) or double to quadruple resolution (light SwinIR)."""

from __future__ import annotations

from .. import _needs_torch as _needs_torch  # first: it says so where PyTorch is missing

from .._errors import LeafLitterError
from .drunet import DRUNet
from .ffdnet import FFDNet
from .network import Network, Spec
from .small import Small
from .swinir import SwinIRLight

__all__ = ["NAMES", "Network", "Spec", "build", "check"]

NAMES = ("ffdnet", "drunet", "swinir-light", "small")
_DENOISERS = {"ffdnet": FFDNet, "drunet": DRUNet, "small": Small}


def check(spec: Spec) -> None:
    """Raise LeafLitterError on what does not exist.

    ffdnet, drunet and small denoise (scale 1); swinir-light is for scales 2, 3 and 4 and is not told
    a noise level.
    """
    if spec.name not in NAMES:
        raise LeafLitterError(f"there is no network {spec.name!r}; choose one of {', '.join(NAMES)}")
    if spec.channels not in (1, 3):
        raise LeafLitterError(f"{spec.name} for {spec.channels} channels does not exist; channels are 3 (RGB) or 1 (grey)")
    if spec.name == "swinir-light":
        if spec.scale not in (2, 3, 4):
            raise LeafLitterError(f"swinir-light of scale {spec.scale} does not exist; it is for super-resolution by 2, 3 or 4")
        if spec.blind:
            raise LeafLitterError("swinir-light is never told a noise level; leave blind out")
    elif spec.scale != 1:
        raise LeafLitterError(f"{spec.name} denoises and keeps the resolution; for scale {spec.scale} choose swinir-light")


def build(spec: Spec) -> Network:
    """An untrained network; its weights are drawn from PyTorch's global generator.

    Raises LeafLitterError as check does.
    """
    check(spec)
    if spec.name == "swinir-light":
        return SwinIRLight(spec)
    return _DENOISERS[spec.name](spec)
