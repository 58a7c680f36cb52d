"""Runs that take a second: FFDNet on images of disks."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Dict

import torch
from conftest import ROOT, real_binary
from leaflitter.train import Options

SMALL: Dict[str, Any] = {"preset": "dead-leaves", "patch": 16, "batch": 2, "iterations": 6, "log_every": 2, "checkpoint_every": 2, "threads": 1, "device": "cpu"}


def small(output: Path, **more: Any) -> Options:
    return Options(**{**SMALL, "output": str(output), "binary": str(real_binary()), **more})


def command(output: Path, *more: str) -> list:
    settings = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
    return [sys.executable, "-m", "leaflitter.train", f"--output={output}", f"--binary={real_binary()}", *settings, *more]


def run(output: Path, *more: str, **process: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(output, *more), env=environment(), capture_output=True, text=True, timeout=300, **process)


def environment() -> Dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT / "python" / "src"), "PYTHONWARNINGS": "ignore"}


def state(folder: Path) -> Dict[str, Any]:
    return torch.load(folder / "checkpoint.pt", weights_only=True)


def same(a: Any, b: Any) -> bool:
    """Whether nested states are equal to the last bit."""
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def same_run(a: Path, b: Path) -> bool:
    """Whether two runs came to the same weights, averages and optimiser."""
    x, y = state(a), state(b)
    return all(same(x[k], y[k]) for k in ("step", "spec", "weights", "ema", "optimizer")) and (a / "weights.pt").read_bytes() == (b / "weights.pt").read_bytes()
