"""Networks measured on photographs: PSNR and SSIM as the field computes them.

``python -m leaflitter.evaluate`` is the command; ``evaluate`` here and ``robustness`` in
``leaflitter.evaluate.robustness`` are the same in Python.
"""

from __future__ import annotations

from .. import _needs_torch as _needs_torch  # first: it says so where PyTorch is missing

from typing import Any, Callable, Iterable, Optional, Tuple, Union

from .._errors import LeafLitterError
from ..networks import Network
from ..restore.tasks import Task, parse
from .apply import check, evaluating, restored
from .cases import Array, case, scored
from .report import Report, Row

__all__ = ["Report", "Row", "evaluate"]


def evaluate(
    network: Network,
    images: Iterable[Tuple[str, Array]],
    task: Union[Task, str],
    *,
    label: Optional[str] = None,
    seed: int = 0,
    border: Optional[int] = None,
    done: Optional[Callable[[str, Any, Array], None]] = None,
) -> Report:
    """Degrade each image, restore it with the network, and compare.

    images are (name, uint8 H x W x C), with as many channels as the network has. The network is
    used where it is, in eval mode and float32, and is afterwards as before. seed chooses the
    noise, which is each image's own. border is the number of pixels left out at each side: 0 for
    denoising and the scale for super-resolution unless given. done(name, case, restored image)
    is called after each image. Raises LeafLitterError.
    """
    task = parse(task) if isinstance(task, str) else task
    label = label or str(network.spec)
    check(network, task, label)
    rows = []
    with evaluating(network):
        for name, image in images:
            given = case(name, image, task, seed, border)
            out = restored(network, given, label)
            height, width = given.clean.shape[:2]
            rows.append(Row(name, width, height, *given.score(out), *given.score(given.baseline)))
            border = given.border
            if done:
                done(name, given, out)
    if not rows:
        raise LeafLitterError(f"{label} was given no images to be evaluated on; give one or more")
    baseline = "the noisy image" if task.kind == "denoise" else "bicubic"
    return Report(label, network.spec, str(task), scored(task, network.spec.channels), border or 0, seed, baseline, tuple(rows))
