"""Files that are there whole or not at all, and folders that one process has to itself."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Iterator, Sequence, Union

from ._errors import LeafLitterError


@contextmanager
def whole(path: Union[str, Path]) -> Iterator[IO[bytes]]:
    """A binary file to write that takes its name, after reaching the disk, when the block ends.

    On any error the name stays what it was. Raises LeafLitterError where it cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise LeafLitterError(f"{path} cannot be written ({error.strerror or error}); choose a place that can be written and has room") from None
    finally:
        temporary.unlink(missing_ok=True)


def folder(path: Union[str, Path]) -> Path:
    """The folder, made where it is not there. Raises LeafLitterError."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LeafLitterError(f"the folder {path} cannot be made ({error.strerror or error}); choose another place") from None
    return Path(path)


@contextmanager
def alone(folder: Path, files: Sequence[str]) -> Iterator[None]:
    """Keep other processes from training in the folder; what a killed one left half-written of these files goes."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LeafLitterError(f"another process trains in {folder}; wait for it, or give another --output") from None
        for name in files:
            for temporary in folder.glob(f".{name}.*.tmp"):
                temporary.unlink(missing_ok=True)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)  # a child that was forked meanwhile has it open still
        os.close(lock)
