"""Several runs at a time, each in a process of one thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Callable, Dict, List, Sequence, Tuple

import torch

from ... import _memory
from ..._errors import LeafLitterError
from ...train.stop import Stop
from . import work
from .plan import Run

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_FINISHED, _STOPPED = "finished", "stopped"


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def carry_out(runs: Sequence[Run], jobs: int, end: float, tell: Callable[[Run, str], None]) -> Tuple[int, List[str]]:
    """Carry out the runs, in their order, so many at a time, until the end of time.monotonic() or a signal.

    tell(run, words) is told when a run begins and ends. Gives the signal (0: none) and the
    runs that failed, with the reason. A process that is told nothing more, as this one was
    killed, stops by itself.
    """
    waiting, failed = list(runs), []
    running: Dict[Any, Tuple[Run, Any]] = {}
    told = False
    with Stop(end) as stop:
        stop.armed = True
        try:
            while running or (waiting and not stop.now()):
                while waiting and len(running) < jobs and not stop.now():
                    run = waiting.pop(0)
                    connection, process = _start(run, end)
                    running[connection] = (run, process)
                    tell(run, "begins")
                for connection in wait(list(running), 0.2):
                    run, process = running.pop(connection)
                    words = _outcome(connection, process)
                    if words not in (_FINISHED, _STOPPED):
                        failed.append(f"{run.name} ({words})")
                    tell(run, words)
                if stop.signal and not told:
                    told = True
                    for connection in running:
                        _send(connection)
        finally:
            for connection, (_, process) in running.items():  # an error here: closed, they stop at their next step
                connection.close()
                process.join()
    return stop.signal, failed


def _start(run: Run, end: float) -> Tuple[Any, Any]:
    context = multiprocessing.get_context("spawn")  # a fork of a process that has computed may hang in PyTorch
    here, there = context.Pipe()
    process = context.Process(target=_child, args=(run, end, there), name=run.name)
    # Ctrl-C comes to all processes of a terminal. The child is to hear of it from here, and it
    # would die of one that comes before its first line; starting the tracker lets signals in again.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        process.start()
    except OSError as error:
        raise LeafLitterError(f"no process can be started for {run.name} ({error.strerror or error}); give fewer --jobs") from None
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    there.close()
    return here, process


def _outcome(connection: Any, process: Any) -> str:
    """How a run ended: finished, stopped, or what went wrong."""
    try:
        words = str(connection.recv())
    except (EOFError, OSError):
        words = ""
    connection.close()
    process.join()
    if not words and process.exitcode is not None and process.exitcode < 0:
        return f"its process was killed by signal {-process.exitcode}; if memory is short, give fewer --jobs"
    return words or f"its process ended with exit code {process.exitcode}"


def _send(connection: Any) -> None:
    try:
        connection.send(_STOPPED)
    except OSError:
        pass  # it has just ended


def _child(run: Run, end: float, parent: Connection) -> None:
    for number in _SIGNALS:
        signal.signal(number, _ignore)  # not SIG_IGN, which the generator would inherit
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    torch.set_num_threads(1)

    def asked(seconds: float = 0.0) -> bool:
        return parent.poll(seconds)  # a word, or the end of the parent

    try:
        words = _FINISHED if work.carry_out(run, asked, end) else _STOPPED
    except (LeafLitterError, OSError, MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not isinstance(error, LeafLitterError) and not _memory.exhausted(error):
            raise
        # Ctrl-C ends the generator, too, which a run sees before it is told to stop.
        words = _STOPPED if asked(1.0) else "there is not enough memory; give fewer --jobs" if _memory.exhausted(error) else str(error)
    try:
        parent.send(words)
    except OSError:
        pass  # the parent has ended


def _ignore(number: int, frame: object) -> None:
    pass
