"""Batches out of the generator's tar archive, without a copy on the way."""

from __future__ import annotations

import re
from typing import Any, Dict, Tuple

import numpy as np
import numpy.typing as npt

from ._child import Child
from ._errors import LeafLitterError

Array = npt.NDArray[Any]
_BLOCK = 512
# Not ast.literal_eval, which np.load uses: in a worker that was forked while another thread
# of the parent was parsing it raises SystemError (Python 3.11).
_HEADER = re.compile(rb"{'descr': '([|<]u[124])', 'fortran_order': False, 'shape': \(([0-9, ]+)\), } *\n")


class Archive:
    """Reads batches; each member has a buffer that the next batch overwrites."""

    def __init__(self, child: Child, labels: Tuple[str, ...]) -> None:
        self.child = child
        self.members = ("image", *labels)
        self._buffers: Dict[str, bytearray] = {}
        self._head = memoryview(bytearray(_BLOCK + 10))
        self._rest = memoryview(bytearray(1 << 16))

    def read(self) -> Dict[str, Array]:
        """The next batch: "image" (B x H x W x C uint8) and the labels (B x H x W).

        The arrays are views of memory that the next call overwrites.
        """
        return {name: self._member(name) for name in self.members}

    def _member(self, name: str) -> Array:
        size = self._header()
        head, child = self._head, self.child
        child.fill(head[_BLOCK:])
        if bytes(head[_BLOCK : _BLOCK + 8]) != b"\x93NUMPY\x01\x00":
            raise self._foreign()
        length = int.from_bytes(head[_BLOCK + 8 :], "little")
        child.fill(self._rest[:length])
        match = _HEADER.fullmatch(bytes(self._rest[:length]))
        if match is None:
            raise self._foreign()
        shape = [int(n) for n in match[2].split(b",")]
        count = size - 10 - length
        buffer = self._buffers.get(name)
        if buffer is None or len(buffer) < count:
            buffer = self._buffers[name] = bytearray(count)
        child.fill(memoryview(buffer)[:count])
        child.fill(self._rest[: -size % _BLOCK])
        array: Array = np.frombuffer(buffer, np.uint8, count).view(match[1].decode()).reshape(shape)
        return array

    def _foreign(self) -> LeafLitterError:
        return LeafLitterError("the generator's output holds something else than .npy files; is the binary of this package's version?")

    def _header(self) -> int:
        """Read a member's header; its size in bytes."""
        head = self._head[:_BLOCK]
        self.child.fill(head)
        if bytes(head[257:262]) != b"ustar":
            if not any(head):  # the end mark, though more was asked for
                raise self.child.failure()
            raise LeafLitterError("the generator's output is no tar archive; is the binary leaflitter, of this package's version?")
        return int(bytes(head[124:136]).rstrip(b"\0 "), 8)


def channels_first(image: Array) -> Array:
    """B x H x W x C as new memory of B x C x H x W."""
    return image.transpose(0, 3, 1, 2).copy()
