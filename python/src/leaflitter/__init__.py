"""Dead Leaves++ training images, generated while you train.

``LeafLitter`` is a map-style dataset (any image by its index), ``LeafLitterStream`` an
iterable one (the quickest). Both run the ``leaflitter`` program as a child process.
"""

from ._command import find_binary
from ._errors import LeafLitterError
from ._indexed import LeafLitter
from ._stream import LeafLitterStream

__all__ = ["LeafLitter", "LeafLitterError", "LeafLitterStream", "find_binary"]
__version__ = "0.2.0"
