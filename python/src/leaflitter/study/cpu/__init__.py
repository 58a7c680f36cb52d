"""The study on a CPU: a small network, so many steps, several runs side by side.

``python -m leaflitter.study --cpu`` is the command.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Tuple

from ..._main import say
from .. import Interrupted, Outcome
from ..plan import TrainingSet
from ..table import RunResult
from . import prepare, report, side_by_side, work
from .plan import Run, Size


@dataclass(frozen=True)
class Study:
    """What is trained and judged, and where.

    photographs is a directory, half of which trains; images one that judges in place of the
    other half. palette is "photographs" (colours of the half that trains, so that only the
    model differs), "built-in", or a file. jobs is how many runs go side by side, None for as
    many as there are cores. The rest is as in leaflitter.study.Study.
    """

    output: Path
    photographs: Path
    sets: Tuple[TrainingSet, ...]
    size: Size = Size()
    images: Optional[Path] = None
    palette: str = prepare.OWN
    jobs: Optional[int] = None
    minutes: Optional[float] = None
    plots: bool = True
    backend: str = "auto"
    binary: str = ""


def run(study: Study, only_report: bool = False) -> Outcome:
    """Train and judge what is not yet, several runs at a time, and write the report.

    As leaflitter.study.run: a run that fails is left out, and the others go on. Raises
    LeafLitterError before anything is trained, and Interrupted.
    """
    end = math.inf if study.minutes is None else time.monotonic() + 60 * study.minutes
    runs, jobs = prepare.prepared(study, only_report)
    failed: List[str] = []
    if not only_report:
        signal, failed = side_by_side.carry_out([r for r in runs if work.result(r) is None], jobs, end, _tell)
        if signal:
            raise Interrupted(signal)
    found, seconds = results(runs)
    path = report.write(study, runs, found, seconds, failed) if found else None
    return Outcome(path, len(found), len(runs), tuple(failed))


def results(runs: List[Run]) -> Tuple[List[RunResult], List[float]]:
    """Of the runs that are complete, in their order: the result, and what it took of processors, in seconds."""
    found = [(r, data) for r in runs for data in [work.result(r)] if data is not None]
    return [RunResult(r.set.name, r.seed, data["psnr"], {}) for r, data in found], [float(data["processor_seconds"]) for _, data in found]


def _tell(run: Run, words: str) -> None:
    say("leaflitter.study", f"{run.name}: {words}")
