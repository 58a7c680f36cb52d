"""An iteration over a stream: a generator that is read batch by batch."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Optional

from . import _torch
from ._archive import Archive
from ._errors import LeafLitterError
from ._position import Part, Position


class Reader:
    """A generator and what was read of it and not yet given."""

    def __init__(self, archive: Archive, numpy: bool, first: int, stride: int) -> None:
        self.archive, self.numpy = archive, numpy
        self.next, self.stride = first, stride  # index of the next image that will be given
        self.ready: List[Any] = []  # samples, the next one last

    def continues(self, first: int, stride: int) -> bool:
        """Whether the next image is ``first`` and those after it are ``stride`` apart."""
        return not self.archive.child.closed and (self.next, self.stride) == (first, stride)

    def batch(self) -> Any:
        """The next whole batch: B x C x H x W, a dictionary with labels."""
        return _torch.convert(self.archive.read(), self.numpy)

    def sample(self) -> Any:
        """The next image: C x H x W, a dictionary with labels."""
        if not self.ready:
            self.ready = _torch.split(self.batch())
            self.ready.reverse()
        self.next += self.stride
        return self.ready.pop()

    def close(self) -> None:
        self.archive.child.close()


class Images(Iterator[Any]):
    """Gives images, or batches, and notes how far it came.

    At the end of an epoch the generator is handed to ``keep``, since it is on its way to
    the next epoch; it ends when the iteration is dropped before that, or fails.
    """

    def __init__(
        self,
        position: Position,
        part: Part,
        reader: Optional[Reader],
        left: Optional[int],
        batched: bool,
        keep: Callable[[Reader], None],
    ) -> None:
        self._position, self._part, self._reader = position, part, reader
        self._left, self._batched, self._keep = left, batched, keep
        self._ended = self._replaced = False

    def __next__(self) -> Any:
        if self._replaced:
            raise LeafLitterError("this iteration was ended by a newer one of the same stream, or by close")
        if self._ended:
            raise StopIteration
        if self._left == 0:
            self._finish()
            raise StopIteration
        assert self._reader is not None
        try:
            if not self._batched:
                given, n = self._reader.sample(), 1
            else:
                given, n = self._whole(self._reader)
        except BaseException:
            self._end()
            raise
        if self._left is not None:
            self._left -= n
        self._position.advance(self._part, n)
        return given

    def _whole(self, reader: Reader) -> Any:
        batch: Dict[str, Any] = reader.batch()
        n = len(batch["image"])
        reader.next += n * reader.stride
        if self._left is not None and n > self._left:  # the end of the epoch; the rest is lost
            n = self._left
            batch = {name: part[:n] for name, part in batch.items()}
            reader.close()
        return (batch["image"] if len(batch) == 1 else batch), n

    def _finish(self) -> None:
        self._ended = True
        self._position.finish(self._part)
        reader, self._reader = self._reader, None
        if reader is not None:
            self._keep(reader)

    def _end(self) -> None:
        self._ended = True
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def interrupt(self) -> None:
        """Ask the generator's process to end, whoever may be reading from it."""
        reader = self._reader
        if reader is not None:
            reader.archive.child.process.terminate()

    def close(self) -> None:
        """End the generator; what is asked after that raises LeafLitterError."""
        if not self._ended:
            self._replaced = True
        self._end()
