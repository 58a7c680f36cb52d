"""Networks applied to cases."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator

import torch

from .. import _memory
from .._errors import LeafLitterError
from ..networks import Network
from ..restore.tasks import Task
from .cases import Array, Case, eight_bits


def check(network: Network, task: Task, label: str) -> None:
    """Raise LeafLitterError where the network is not for the task, or the task no single case."""
    low, high = task.sigma
    if low != high:
        raise LeafLitterError(f"the task {task} is a range of noise levels; an evaluation has one, as in denoise:25")
    if network.spec.scale != task.scale:
        purpose = "denoises" if network.spec.scale == 1 else f"is for sr:x{network.spec.scale}"
        raise LeafLitterError(f"{label} ({network.spec}) {purpose}; it cannot be evaluated on {task}")


@contextmanager
def evaluating(network: Network) -> Iterator[None]:
    """The network in eval mode and in full float32, without gradients; afterwards all is as before.

    PyTorch lets convolutions use TF32 on a GPU unless told otherwise: results would depend on
    the GPU.
    """
    training, matmul = network.training, torch.backends.cuda.matmul.allow_tf32
    network.eval()
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        with torch.no_grad(), torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = matmul
        network.train(training)


def restored(network: Network, case: Case, label: str) -> Array:
    """The network's answer, clipped and rounded to 8 bits: uint8 H x W x C. Within evaluating()."""
    device: Any = next(network.parameters()).device
    sigma = case.sigma if network.needs_sigma else None
    try:
        out = network(case.given[None].to(device), sigma)[0].float().cpu()
    except (MemoryError, RuntimeError) as error:
        if not _memory.exhausted(error):
            raise
        size = f"{case.clean.shape[1]} x {case.clean.shape[0]}"
        raise LeafLitterError(f"there is not enough memory on {device} for {label} on image {case.name} ({size}); give smaller images, or --device cpu") from None
    if not torch.isfinite(out).all():
        raise LeafLitterError(f"{label} gave values that are not finite for image {case.name}; its training diverged, use an earlier checkpoint")
    return eight_bits(out)
