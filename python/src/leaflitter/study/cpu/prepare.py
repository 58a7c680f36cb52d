"""What is checked and made before the runs of a study on a CPU."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

from ..._errors import LeafLitterError
from ...evaluate.cases import fits
from ...restore import images
from ...restore.tasks import parse
from ...train import sources
from .. import plots, record
from ..plan import PHOTOGRAPHS, TrainingSet
from . import generator, photographs, side_by_side
from .images import fits_memory
from .plan import Run

if TYPE_CHECKING:
    from . import Study

OWN, BUILT_IN = "photographs", "built-in"
_PALETTE = "photographs.palette"


def prepared(study: Study, only_report: bool) -> Tuple[List[Run], int]:
    """The runs, every set once before any a second time, and how many may go side by side.

    All that can be known before hours of training is refused here, and until it is well nothing
    is written. Raises LeafLitterError.
    """
    jobs = _checked(study, only_report)
    training, judges = _halves(study)
    sizes = photographs.large_enough(training, study.size.patch)
    shape = photographs.typical(sizes)
    count = study.size.count or len(training)
    if count > len(training):
        raise LeafLitterError(f"count is {count}, and {len(training)} of the photographs are in the half that trains; give at most as many")
    files = {s.name: _files(study, s, training, count) for s in study.sets if s.kind == PHOTOGRAPHS}
    areas = [sum(w * h for w, h in photographs.large_enough(chosen, study.size.patch)) for chosen in files.values()]
    fits_memory(max([*areas, count * shape[0] * shape[1]]), 1 if study.size.grey else 3, jobs)
    configs = {s.name: generator.effective(s, study.binary) for s in study.sets if s.kind != PHOTOGRAPHS}
    judging = images.read_all(judges, study.size.grey)
    for name, image in judging:
        fits(name, image, parse("denoise:25"), None)
    given = "" if study.palette in (OWN, BUILT_IN) else study.palette
    palette = sources.contents(Path(given)).hex()[:32] if given else study.palette
    for drawn in [s for s in study.sets if s.name in configs and not only_report][:1]:
        next(generator.images(drawn, 0, 32, 32, given if generator.takes_palette(configs[drawn.name]) else "", study.backend, study.binary))

    size = replace(study.size, count=count, judges=len(judges))
    common: Dict[str, Any] = {
        "size": size.asdict(), "trained_on": photographs.digest(training), "evaluated_on": record.digests(judging), "palette": palette, "pixels": list(shape),
    }  # fmt: skip
    record.claim(study.output, common)
    if study.palette == OWN and configs:
        given = str(study.output / _PALETTE)
        if not Path(given).exists():
            generator.build_palette(training, Path(given), study.binary)

    runs = []
    for seed in range(size.seeds):
        for s in study.sets:
            colours = given if s.name in configs and generator.takes_palette(configs[s.name]) else ""
            contents = photographs.digest(files[s.name]) if s.name in files else generator.identity(configs[s.name], study.binary)
            settings = _settings({**common, "set": s.name, "seed": seed, "palette": palette if colours else "", "contents of the set": contents})
            folder = study.output / s.name / f"seed-{seed}"
            runs.append(Run(folder, s, seed, size, count, tuple(files.get(s.name, ())), *shape, colours, tuple(judges), settings, study.backend, study.binary))
    return runs, jobs


def _checked(study: Study, only_report: bool) -> int:
    study.size.check()
    if study.minutes is not None and not study.minutes > 0:
        raise LeafLitterError(f"minutes is {study.minutes:g}; give more than 0, or leave it out")
    jobs = side_by_side.cores() if study.jobs is None else study.jobs
    if not 1 <= jobs <= 1024:
        raise LeafLitterError(f"jobs is {jobs}; give 1 to 1024, or leave it out for as many as there are cores")
    if only_report and not (study.output / "study.json").is_file():
        raise LeafLitterError(f"there is no study in {study.output} to report on; leave --report out to begin one")
    if study.plots:
        plots.pyplot()
    return jobs


def _halves(study: Study) -> Tuple[List[Path], List[Path]]:
    """The photographs that train, and those that judge."""
    training, judges = photographs.split(study.photographs)
    for folder, words in [(study.images, "of --images")] + [(Path(s.value), f"of the set {s.name}") for s in study.sets if s.kind == PHOTOGRAPHS and s.name != PHOTOGRAPHS]:
        if folder is not None and folder.resolve() == study.photographs.resolve():
            raise LeafLitterError(f"the directory {words} is that of --photographs, half of which trains and half judges; give another, or leave it out")
    if study.images is not None:
        if any(s.name != PHOTOGRAPHS and s.kind == PHOTOGRAPHS and Path(s.value).resolve() == study.images.resolve() for s in study.sets):
            raise LeafLitterError(f"the images of {study.images} are both trained on and evaluated on; give others to one of the two")
        judges = photographs.by_hash(images.paths(study.images))
    return training, judges[: study.size.judges or None]


def _files(study: Study, training_set: TrainingSet, training: List[Path], count: int) -> List[Path]:
    """What a set that is not generated is trained on, as many as the others."""
    if training_set.name == PHOTOGRAPHS:
        return training[:count]
    found = photographs.by_hash(images.paths(training_set.value))
    if len(found) < count:
        raise LeafLitterError(f"the set {training_set.name} has {len(found)} images in {training_set.value}, and all sets have {count}; add some, or give --count {len(found)}")
    return found[:count]


def _settings(common: Dict[str, Any]) -> Dict[str, Any]:
    """What a run's result depends on, flat, so that what differs can be named; not on how many seeds there are."""
    flat = {**{k: v for k, v in common["size"].items() if k != "seeds"}, **{k: v for k, v in common.items() if k != "size"}}
    flat["evaluated_on"] = hashlib.sha256(json.dumps(common["evaluated_on"]).encode()).hexdigest()[:32]
    return dict(json.loads(json.dumps(flat)))
