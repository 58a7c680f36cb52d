"""Networks trained on generated images as they are made, or on photographs.

``python -m leaflitter.train`` is the command, ``run(Options(...))`` the same in Python. A run
lives in a directory: options.json, log.csv, checkpoint.pt, samples/, and, when it is
complete, weights.pt, which ``leaflitter.networks.weights.load`` reads.
"""

from .. import _needs_torch as _needs_torch  # first: it says so where PyTorch is missing

from .loop import Result, run
from .options import Options

__all__ = ["Options", "Result", "run"]
