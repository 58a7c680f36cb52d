"""Imported first where PyTorch is needed, to say so where it is missing."""

import sys

from ._errors import LeafLitterError

try:
    import torch  # noqa: F401
except (ImportError, OSError) as _error:  # OSError: a library of its own that cannot be loaded
    _absent = isinstance(_error, ModuleNotFoundError) and _error.name == "torch"
    _words = "PyTorch, which training and evaluation need, " + ("is not installed; run: pip install 'leaflitter[train]'" if _absent else f"cannot be loaded ({_error}); mend its installation")
    if sys.argv[:1] == ["-m"]:  # python -m leaflitter.train and the like, before their code runs
        print(f"leaflitter: {_words}", file=sys.stderr)
        sys.exit(2)
    raise LeafLitterError(_words) from None
