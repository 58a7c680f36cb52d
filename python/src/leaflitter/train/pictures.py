"""Sample pictures: what the network is given, what it makes of it, and what was there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch.nn import functional as F

from ..evaluate import files
from ..evaluate.cases import eight_bits
from ..networks import Network

_ROWS = 4


def write(path: Path, network: Network, given: Any, clean: Any, sigma: Any) -> None:
    """A PNG with a row for each of the first images of a batch: given (enlarged by pixels for SR), restored, clean."""
    given, clean = given[:_ROWS].float(), clean[:_ROWS].float()
    training = network.training
    network.eval()
    with torch.no_grad():
        restored = network(given, None if sigma is None or not network.needs_sigma else sigma[:_ROWS]).float()
    network.train(training)
    shown = F.interpolate(given, size=clean.shape[-2:], mode="nearest")
    rows = torch.cat([torch.cat(list(part), 1) for part in (shown, restored, clean)], 2)
    files.picture(path, eight_bits(rows.cpu()))
