"""Imported first where PyTorch is needed, to say so where it is missing."""

import sys

from ._errors import LeafLitterError

try:
    import torch  # noqa: F401
except ImportError:
    _words = "PyTorch, which training and evaluation need, is not installed; run: pip install 'leaflitter[train]'"
    if sys.argv[:1] == ["-m"]:  # python -m leaflitter.train and the like, before their code runs
        print(f"leaflitter: {_words}", file=sys.stderr)
        sys.exit(2)
    raise LeafLitterError(_words) from None
