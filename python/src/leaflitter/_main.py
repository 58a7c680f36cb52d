"""What the package's commands have in common: how they end."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Callable

from ._errors import LeafLitterError

TIME_OVER = 75  # EX_TEMPFAIL of sysexits.h: give the same command again


def say(command: str, words: object) -> None:
    """Tell a person. Nobody may be reading any more, which is no reason to stop."""
    with contextlib.suppress(OSError):
        print(f"{command}: {words}", file=sys.stderr, flush=True)


def guarded(command: str, body: Callable[[], int], stopped: str) -> int:
    """The exit status of body: 2 after one sentence for LeafLitterError, 130 for Ctrl-C.

    Whoever reads standard output may stop reading (1); stopped says what Ctrl-C leaves.
    """
    try:
        status = body()
        sys.stdout.flush()
        return status
    except LeafLitterError as error:
        say(command, error)
        return 2
    except KeyboardInterrupt:
        say(command, stopped)
        return 130
    except OSError as error:
        if error.filename is not None:
            say(command, f"{error.filename} cannot be read or written ({error.strerror}); see that it is there and has room")
            return 2
        if not isinstance(error, BrokenPipeError):
            say(command, f"an output cannot be written ({error.strerror}); make room, or send standard output elsewhere")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
