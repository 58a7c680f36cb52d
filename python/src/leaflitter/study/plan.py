"""What a study trains: sets of images, seeds, and the size of a run."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from .._errors import LeafLitterError

PHOTOGRAPHS = "photographs"
# The three that answer the first question, then what each property is worth.
DEFAULT_SETS = (
    "dead-leaves",
    "dead-leaves-pp",
    PHOTOGRAPHS,
    "no-texture",
    "no-geometry",
    "no-depth",
    "no-colour",
    "no-gradient",
    "no-perspective",
    "no-warp",
    "flat",
    "dead-leaves-pp-2025",
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class TrainingSet:
    """Where the images of some runs come from.

    kind is "preset" (value: its name), "config" (value: a YAML file of the generator) or
    "photographs" (value: a directory). The set named photographs is what gaps are measured from;
    others of this kind are directories of any images, such as those of another generator.
    """

    name: str
    kind: str
    value: str


@dataclass(frozen=True)
class Size:
    """How much is trained and evaluated; the same for every set, or nothing can be compared.

    sigma is the range of training noise in 8-bit units, sigmas those of the evaluation. Of
    each evaluation image the crop x crop pixels of the middle are used, all of it for 0;
    images bounds their number, 0 for all. claims says whether the numbers may be believed.
    """

    name: str
    network: str
    iterations: int
    batch: int
    patch: int
    seeds: int
    precision: str
    sigma: Tuple[float, float]
    sigmas: Tuple[float, ...]
    images: int
    crop: int
    claims: bool

    def asdict(self) -> Dict[str, Any]:
        return asdict(self)


# A hundred steps show that all parts work together, and no more than that.
SMOKE = Size("smoke", "ffdnet", 100, 4, 48, 1, "fp32", (0.0, 75.0), (15.0, 25.0, 50.0), 4, 96, False)
GPU = Size("gpu", "ffdnet", 60_000, 64, 128, 3, "bf16", (0.0, 75.0), (15.0, 25.0, 50.0), 0, 0, True)


def training_sets(names: Sequence[str], photographs: str = "") -> List[TrainingSet]:
    """The sets that names give: a preset, "photographs", NAME=FILE.yaml, or NAME=DIR with images.

    photographs is the directory of the set of that name; without it the set is left out of
    the defaults and refused by name. Raises LeafLitterError for what is no name, or twice there.
    """
    asked = names or [n for n in DEFAULT_SETS if photographs or n != PHOTOGRAPHS]
    sets: List[TrainingSet] = []
    for text in asked:
        name, equals, path = text.partition("=")
        if not _NAME.fullmatch(name):
            raise LeafLitterError(f"{text!r} names no training set; give a preset, photographs, NAME=FILE.yaml or NAME=DIR, NAME of letters, digits, '.', '_' and '-', at most 64")
        if equals:
            if name == PHOTOGRAPHS:
                raise LeafLitterError("the set photographs is what gaps are measured from; give a configuration another name, and a directory too")
            if Path(path).is_dir():
                sets.append(TrainingSet(name, PHOTOGRAPHS, path))
            elif not Path(path).is_file():
                raise LeafLitterError(f"there is no configuration {path!r} for the set {name}; give NAME=FILE.yaml with a file that leaflitter config check accepts, or a directory of images")
            else:
                sets.append(TrainingSet(name, "config", path))
        elif name == PHOTOGRAPHS:
            if not photographs:
                raise LeafLitterError("the set photographs needs --photographs DIR, a directory of photographs to train on")
            sets.append(TrainingSet(name, PHOTOGRAPHS, photographs))
        else:
            sets.append(TrainingSet(name, "preset", name))
        if [s.name for s in sets].count(name) > 1:
            raise LeafLitterError(f"the set {name} is given twice; give each name once")
    return sets
