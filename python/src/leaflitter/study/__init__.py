"""Which training images are worth what: the same network trained on each set, one table.

``python -m leaflitter.study`` is the command.
"""

from __future__ import annotations

from .. import _needs_torch as _needs_torch  # first: it says so where PyTorch is missing

import hashlib
import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from .. import _device, train
from .._errors import LeafLitterError
from .._main import say
from ..evaluate import evaluate
from ..evaluate.cases import fits
from ..evaluate.robustness import robustness
from ..evaluate.shifts import shifts
from ..networks import weights
from ..restore import images as photographs
from ..restore.tasks import parse
from . import plots, record, report
from .plan import PHOTOGRAPHS, Size, TrainingSet
from .table import RunResult

Pixels = npt.NDArray[np.uint8]
_SHIFTED_SIGMA = 25.0
_EVALUATION = ("psnr", "shifts", "weights")


@dataclass(frozen=True)
class Study:
    """A study: what is trained where, and what it is evaluated on.

    output is its directory, in which a run has SET/seed-N. images is a directory of
    photographs. shifts asks for the evaluation under shifts, which takes some twenty times the
    plain one. minutes bounds this call, None for no bound. plots says whether the report has
    pictures, which need matplotlib. The rest is for the generator and PyTorch.
    """

    output: Path
    images: Path
    sets: Tuple[TrainingSet, ...]
    size: Size
    shifts: bool = False
    minutes: Optional[float] = None
    plots: bool = True
    device: str = "auto"
    backend: str = "auto"
    threads: Optional[int] = None
    binary: Optional[str] = None
    palette: Optional[str] = None

    def runs(self) -> List[Tuple[TrainingSet, int]]:
        """Sets and seeds in the order of training: every set once before any a second time."""
        return [(s, seed) for seed in range(self.size.seeds) for s in self.sets]

    def folder(self, name: str, seed: int) -> Path:
        return self.output / name / f"seed-{seed}"


class Interrupted(Exception):
    """SIGINT or SIGTERM came; the run that it met has a checkpoint of where it was."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


@dataclass(frozen=True)
class Outcome:
    """What a call came to: the report (None while no run is finished), and how many runs are finished, of how many.

    failed names the runs that cannot be finished as they are, with the reason.
    """

    report: Optional[Path]
    finished: int
    total: int
    failed: Tuple[str, ...]


def run(study: Study, only_report: bool = False) -> Outcome:
    """Train what is not yet trained, evaluate it, and write the report.

    With only_report nothing is trained: it is of the runs there are. A run that fails is left
    out, and the others go on. Raises LeafLitterError before anything is trained, and
    Interrupted.
    """
    end = None if study.minutes is None else time.monotonic() + 60 * study.minutes
    images = _checked(study, only_report)
    failed: List[str] = []
    for training_set, seed in [] if only_report else study.runs():
        try:
            if _evaluation(study, training_set, seed) is not None:
                continue
            if end is not None and time.monotonic() >= end:
                break
            if not _trained(study, training_set, seed, end):
                break
            _evaluated(study, training_set, seed, images)
        except (LeafLitterError, OSError, MemoryError) as error:
            say("leaflitter.study", f"{training_set.name}, seed {seed}: {error}")
            failed.append(f"{training_set.name} seed {seed} ({error})")
    found = results(study)
    path = report.write(study, found, images, failed) if found else None
    return Outcome(path, len(found), len(study.runs()), tuple(failed))


def _checked(study: Study, only_report: bool) -> List[Tuple[str, Pixels]]:
    """The images to evaluate on, when all is well that can be known before hours of training."""
    if study.minutes is not None and not study.minutes > 0:
        raise LeafLitterError(f"minutes is {study.minutes:g}; give more than 0, or leave it out")
    if not 1 <= study.size.seeds <= 1000:
        raise LeafLitterError(f"seeds is {study.size.seeds}; give 1 to 1000")
    if only_report and not (study.output / "study.json").is_file():
        raise LeafLitterError(f"there is no study in {study.output} to report on; leave --report out to begin one")
    if any(s.kind == PHOTOGRAPHS and Path(s.value).resolve() == study.images.resolve() for s in study.sets):
        raise LeafLitterError(f"the photographs of {study.images} are both trained on and evaluated on; give others to one of the two")
    if study.plots:
        plots.pyplot()
    train.model.set_precision(_options(study, study.sets[0], 0), _device.choose(study.device)[0])
    images = evaluation_images(study)
    smallest = [shift for shift in shifts(3) if shift.kind == "scale"] if study.shifts else []
    for name, image in images:
        for version in [image, *(shift.apply(image) for shift in smallest)]:
            fits(name, version, parse("denoise:25"), None)
    for training_set in [] if only_report else study.sets:
        options = _options(study, training_set, 0)
        if not (Path(options.output) / "checkpoint.pt").exists():
            with train.data.batches(replace(options, batch=1), 0) as batches:
                next(batches)  # the generator knows this preset, the photographs are large enough
    _claim(study, images)
    return images


def evaluation_images(study: Study) -> List[Tuple[str, Pixels]]:
    """The photographs to evaluate on, named as evaluate names them: as many as the size says, the middle of each."""
    found = []
    for name, image in photographs.read_folder(study.images)[: study.size.images or None]:
        crop = study.size.crop or max(image.shape)
        top, left = (max(0, (n - crop) // 2) for n in image.shape[:2])
        found.append((name, np.ascontiguousarray(image[top : top + crop, left : left + crop])))
    return found


def results(study: Study) -> List[RunResult]:
    """The runs of the study that are trained and evaluated as its settings have it, in its order."""
    found = []
    for training_set, seed in study.runs():
        data = _evaluation(study, training_set, seed)
        if data is not None:
            found.append(RunResult(training_set.name, seed, data["psnr"], data["shifts"]))
    return found


def _claim(study: Study, images: Sequence[Tuple[str, Pixels]]) -> None:
    """Let the directory be this study's; refuse one of a study that cannot be compared."""
    record.claim(study.output, {"size": study.size.asdict(), "evaluated_on": record.digests(images), "palette": study.palette})


def _options(study: Study, training_set: TrainingSet, seed: int) -> train.Options:
    """A run; apart from its images and seed the same for all."""
    size = study.size
    low, high = size.sigma
    source: Dict[str, Any] = {training_set.kind: training_set.value}
    if training_set.kind != PHOTOGRAPHS:
        source["palette"] = study.palette
    return train.Options(
        output=str(study.folder(training_set.name, seed)), task=f"denoise:{low:g}-{high:g}", network=size.network, seed=seed,
        batch=size.batch, patch=size.patch, iterations=size.iterations, precision=size.precision,
        device=study.device, backend=study.backend, threads=study.threads, binary=study.binary, **source,
    ).checked()  # fmt: skip


def _trained(study: Study, training_set: TrainingSet, seed: int, end: Optional[float]) -> bool:
    """Train a run, or as much of it as there is time for; whether it is complete."""
    options = _options(study, training_set, seed)
    if end is not None:
        options = replace(options, minutes=max(1e-3, (end - time.monotonic()) / 60))
    say("leaflitter.study", f"{training_set.name}, seed {seed}")
    result = train.run(options, resume=True)
    if result.signal:
        raise Interrupted(result.signal)
    return result.finished


def _evaluation(study: Study, training_set: TrainingSet, seed: int) -> Optional[Dict[str, Any]]:
    """The evaluation of a run that is trained and evaluated as these settings have it; else, or where it cannot be read, None."""
    folder = study.folder(training_set.name, seed)
    try:
        data = record.read(folder / "evaluation.json", _EVALUATION)
        theirs = record.read(folder / "options.json", ("files",))
    except LeafLitterError:
        return None
    mine = json.loads(json.dumps(_options(study, training_set, seed).asdict()))
    same = all(theirs.get(name) == value for name, value in mine.items() if name not in train.options.CARRIED_OUT)
    complete = data["weights"] == _sha(folder / "weights.pt") and (data["shifts"] or not study.shifts)
    return data if same and complete else None


def _evaluated(study: Study, training_set: TrainingSet, seed: int, images: Sequence[Tuple[str, Pixels]]) -> None:
    """Evaluate a complete run."""
    path = study.folder(training_set.name, seed) / "evaluation.json"
    network = weights.load(path.with_name("weights.pt")).to(_device.choose(study.device)[0])
    psnr: Dict[str, Dict[str, float]] = {}
    for sigma in study.size.sigmas:
        rows = evaluate(network, images, f"denoise:{sigma:g}").rows
        psnr[f"{sigma:g}"] = {row.name: row.psnr for row in rows}
    shifted: Dict[str, float] = {}
    if study.shifts:
        found = robustness({"": network}, images, f"denoise:{_SHIFTED_SIGMA:g}")
        shifted = {str(shift): value for shift, value in zip(found.shifts, found.psnr[""])}
    record.write(path, {"psnr": psnr, "shifts": shifted, "weights": _sha(path.with_name("weights.pt"))})


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
