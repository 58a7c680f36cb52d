"""What a study on a CPU trains and judges, and how much of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Tuple

from ..._errors import LeafLitterError
from ..plan import TrainingSet

PRECISIONS = ("fp32", "bf16")


@dataclass(frozen=True)
class Size:
    """How much is trained and judged; the same for every set, or nothing can be compared.

    Steps, not minutes: a run is the same on a slow machine, and goes on exactly. sigmas are the
    levels of the noise in 8-bit units, in training and in judging. count is the images of a set,
    0 for as many photographs as train; judges the photographs that judge at most, 0 for all.
    """

    steps: int = 4000
    batch: int = 24
    patch: int = 40
    seeds: int = 3
    precision: str = "fp32"
    sigmas: Tuple[float, ...] = (15.0, 25.0, 50.0)
    rate: float = 1e-3
    grey: bool = False
    count: int = 0
    judges: int = 60
    network: str = "small"

    def asdict(self) -> Dict[str, Any]:
        return asdict(self)

    def check(self) -> None:
        """Raises LeafLitterError, one sentence in the words of the command."""
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise LeafLitterError(f"{_FLAGS.get(name, name)} is {value}; give {low} to {high}")
        if self.precision not in PRECISIONS:
            raise LeafLitterError(f"precision is {self.precision!r}, which is of GPUs; a CPU computes in {' or '.join(PRECISIONS)}")


_RANGES = (("steps", 1, 10_000_000), ("batch", 1, 4096), ("patch", 8, 4096), ("seeds", 1, 1000), ("count", 0, 1_000_000), ("judges", 0, 1_000_000))
_FLAGS = {"steps": "iterations"}


@dataclass(frozen=True)
class Run:
    """One run, all that the process that carries it out is told.

    files are the images that it trains on, where they are not generated at width x height;
    palette is a file, None for what the set has itself. settings are what its result depends on,
    in JSON: a run with others is another run.
    """

    folder: Path
    set: TrainingSet
    seed: int
    size: Size
    count: int
    files: Tuple[Path, ...]
    width: int
    height: int
    palette: str
    judges: Tuple[Path, ...]
    settings: Dict[str, Any]
    backend: str = "auto"
    binary: str = ""

    @property
    def name(self) -> str:
        return f"{self.set.name}, seed {self.seed}"
