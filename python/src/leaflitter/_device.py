"""Which device computes, and why."""

from __future__ import annotations

from typing import Any, Optional, Tuple

import torch

from ._errors import LeafLitterError


def choose(asked: Optional[str] = None) -> Tuple[Any, str]:
    """A torch.device and a phrase that says why: what was asked for, else a GPU if there is one.

    Raises LeafLitterError for a device that is not there.
    """
    if asked in (None, "auto"):
        if torch.cuda.is_available():
            return torch.device("cuda"), f"{torch.cuda.get_device_name()}, the first GPU"
        threads = torch.get_num_threads()
        return torch.device("cpu"), f"the CPU with {threads} thread{'' if threads == 1 else 's'}, as PyTorch sees no GPU"
    try:
        device = torch.device(asked)
        if device.type not in ("cpu", "cuda"):
            raise RuntimeError("it is neither")
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise LeafLitterError(f"the device {asked!r} cannot be used ({reason}); give cpu, or cuda where PyTorch sees a GPU") from None
    name = f"{asked}, {torch.cuda.get_device_name(device)}" if device.type == "cuda" else str(device)
    return device, f"{name}, as asked"
