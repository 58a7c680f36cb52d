"""Checkpoints: all that a run is at a step, in one file that is there whole or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, Dict, Optional

import torch

from .. import _files
from .._errors import LeafLitterError
from ..networks import Network

FORMAT, VERSION = "leaflitter-training", 1
NAME = "checkpoint.pt"


def save(path: Path, options: Dict[str, Any], step: int, network: Network, optimiser: Any, ema: Optional[Dict[str, Any]]) -> None:
    """Write the state after ``step`` steps; options are what JSON can hold. The checkpoint before it stays when this cannot be written."""
    inner = optimiser.state_dict()
    state = {
        "format": FORMAT, "version": VERSION, "spec": asdict(network.spec), "step": step, "weights": network.state_dict(), "ema": ema,
        # As JSON, since weights_only of PyTorch 1.13 reads no floating-point numbers but in tensors.
        "options": json.dumps(options), "optimizer": {"state": inner["state"], "param_groups": json.dumps(inner["param_groups"])},
    }  # fmt: skip
    buffer = BytesIO()  # a full disk is then an OSError, where torch.save would raise its own
    torch.save(state, buffer)
    with _files.whole(path) as file:
        file.write(buffer.getbuffer())


def read(path: Path) -> Dict[str, Any]:
    """What save wrote, on the CPU. Raises LeafLitterError for anything else."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # of zip files, of pickles and of PyTorch, whose types are many
        raise LeafLitterError(f"the checkpoint {path} cannot be read ({str(error).splitlines()[0] if str(error) else type(error).__name__}); remove the run's directory to train anew") from None
    if not isinstance(state, dict) or (state.get("format"), state.get("version")) != (FORMAT, VERSION):
        raise LeafLitterError(f"{path} is no checkpoint that this leaflitter wrote; choose another output, or remove it")
    state["options"] = json.loads(state["options"])
    state["optimizer"]["param_groups"] = json.loads(state["optimizer"]["param_groups"])
    return state
