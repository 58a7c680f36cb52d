"""What the package's commands have in common: how they end."""

from __future__ import annotations

import os
import sys
from typing import Callable

from ._errors import LeafLitterError

TIME_OVER = 75  # EX_TEMPFAIL of sysexits.h: give the same command again


def guarded(command: str, body: Callable[[], int], stopped: str) -> int:
    """The exit status of body: 2 after one sentence for LeafLitterError, 130 for Ctrl-C.

    Whoever reads standard output may stop reading (1); stopped says what Ctrl-C leaves.
    """
    try:
        status = body()
        sys.stdout.flush()
        return status
    except LeafLitterError as error:
        print(f"{command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{command}: {stopped}", file=sys.stderr)
        return 130
    except OSError as error:  # files have errors of their own; this is standard output
        if not isinstance(error, BrokenPipeError):
            print(f"{command}: standard output cannot be written ({error.strerror}); send it elsewhere", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
