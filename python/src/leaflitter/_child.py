"""A running generator: bytes with a time limit, an end that leaves nothing behind."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import weakref
from multiprocessing import util
from typing import IO, Any, List, Optional

from ._errors import LeafLitterError

_alive: "weakref.WeakSet[Child]" = weakref.WeakSet()


class Child:
    """One ``leaflitter stream`` process, which belongs to the process that started it.

    It is ended and waited for by ``close``, by garbage collection, when Python exits, and
    when a worker of multiprocessing exits (whose exits skip atexit: hence util.Finalize).
    When this process is killed, the generator ends by itself, because its pipes close.
    """

    def __init__(self, command: List[str], timeout: float, requests: bool = False) -> None:
        self.timeout = timeout
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # a pipe would have to be drained meanwhile
        try:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                command,
                stdin=subprocess.PIPE if requests else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                bufsize=0,
                start_new_session=True,  # Ctrl-C is this process's to handle
            )
        except OSError as e:
            self.errors.close()
            raise LeafLitterError(f"{command[0]} cannot be started: {e.strerror}") from e
        assert self.process.stdout is not None
        self.out = self.process.stdout.fileno()
        self.poll = select.poll()
        self.poll.register(self.out, select.POLLIN)
        self.closed = False
        self._finalizer: Any = util.Finalize(self, _end, args=(self.process, self.errors), exitpriority=100)
        _alive.add(self)

    def send(self, line: str) -> None:
        """Write one line of requests."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line.encode() + b"\n")
        except BrokenPipeError:
            raise self.failure() from None

    def fill(self, view: memoryview, may_end: bool = False) -> bool:
        """Read exactly len(view) bytes.

        Returns False at the end of the output if may_end and nothing was read. Raises
        LeafLitterError when the output ends early or no byte comes for timeout seconds.
        """
        done, size = 0, len(view)
        while done < size:
            if not self.poll.poll(self.timeout * 1000):
                raise self.failure(hung=True)
            n = os.readv(self.out, [view[done:]])
            if n == 0:
                if may_end and done == 0:
                    return False
                raise self.failure()
            done += n
        return True

    def failure(self, hung: bool = False) -> LeafLitterError:
        """End the generator and return the error that tells why."""
        if hung:
            why = f"the generator sent no byte for {self.timeout:g} seconds and was ended; give a longer timeout if it had cause"
        else:
            code = _wait(self.process, 5.0)
            if code is None:
                why = "the generator closed its output and was ended"
            elif code < 0:
                why = f"the generator was killed by signal {-code}"
            else:
                why = f"the generator ended with exit code {code}"
        words = _tail(self.errors)
        self.close()
        return LeafLitterError(f"{why}: {words}" if words else why)

    def close(self) -> None:
        """End the generator and wait for it. May be called twice."""
        self.closed = True
        self._finalizer()

    def forget(self) -> None:
        """In a forked copy of the owner: let go of the pipes, touch the process no more."""
        self.closed = True
        self._finalizer.cancel()
        self.process.returncode = 0  # or Popen would wait for a process that is not its child
        _close_files(self.process, self.errors)


def _close_files(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    for file in (process.stdin, process.stdout, errors):
        if file is not None:
            try:
                file.close()
            except OSError:
                pass


def _wait(process: subprocess.Popen[bytes], seconds: float) -> Optional[int]:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _end(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        if _wait(process, 2.0) is None:
            process.kill()
            process.wait()
    _close_files(process, errors)


def _tail(errors: IO[bytes], lines: int = 8, size: int = 4096) -> str:
    """The last lines of what the generator said."""
    end = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, end - size))
    text = errors.read().decode("utf-8", "replace").strip()
    return "\n".join(text.splitlines()[-lines:])


def _forget_all() -> None:
    for child in list(_alive):
        child.forget()
    _alive.clear()


os.register_at_fork(after_in_child=_forget_all)
