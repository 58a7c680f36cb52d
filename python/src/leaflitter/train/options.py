"""What a training run is: everything that its result depends on, and how it is carried out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Dict, List, Optional, Tuple

from .. import networks
from .._errors import LeafLitterError
from ..networks import NAMES, Spec
from ..restore.tasks import Task, parse
from . import schedule, sources

# What may differ when a run goes on: nothing that decides what is computed. (Another device,
# PyTorch or number of its threads rounds otherwise: the weights then differ in the last bits.)
CARRIED_OUT = (
    "output", "device", "backend", "threads", "binary", "minutes", "checkpoint_every", "log_every",
    "pictures_every", "validate", "validate_every", "tensorboard",
)  # fmt: skip

LOSSES = ("l1", "l2", "charbonnier")
OPTIMISERS = ("adam", "adamw")
PRECISIONS = ("fp32", "tf32", "bf16")
# As published: loss and initial learning rate of each network.
_USUAL: Dict[str, Tuple[str, float]] = {"ffdnet": ("l2", 1e-3), "drunet": ("l1", 1e-4), "swinir-light": ("l1", 2e-4), "small": ("l2", 1e-3)}


@dataclass(frozen=True)
class Options:
    """A run. Lengths are pixels, sigma of the task is in 8-bit units.

    The images are those of the generator (preset, config, set, palette, photos as in
    LeafLitterStream), or crops of the photographs in a directory. memory > 0 trains on the
    first so many generated images, kept in memory, over and over. loss "" and learning_rate 0
    stand for those that the network was published with. files is a digest of the files that
    decide the images; checked fills it in.
    """

    output: str
    task: str = "denoise:0-75"
    network: str = "ffdnet"
    blind: bool = False
    grey: bool = False
    preset: Optional[str] = None
    config: Optional[str] = None
    set: Tuple[str, ...] = ()
    palette: Optional[str] = None
    photos: Optional[str] = None
    photographs: Optional[str] = None
    memory: int = 0
    augment: bool = True
    seed: int = 0
    batch: int = 64
    patch: int = 128
    iterations: int = 60_000
    loss: str = ""
    optimiser: str = "adam"
    learning_rate: float = 0.0
    weight_decay: float = 0.0
    schedule: str = "cosine"
    warmup: int = 0
    clip: float = 0.0
    ema: float = 0.999
    precision: str = "fp32"
    device: str = "auto"
    backend: str = "auto"
    threads: Optional[int] = None
    binary: Optional[str] = None
    minutes: Optional[float] = None
    checkpoint_every: int = 1000
    log_every: int = 50
    pictures_every: int = 0
    validate: Optional[str] = None
    validate_every: int = 5000
    tensorboard: bool = False
    files: str = ""

    def checked(self) -> Options:
        """These options with the usual values filled in. Raises LeafLitterError, one sentence."""
        task = parse(self.task)
        if self.network not in NAMES:
            raise LeafLitterError(f"there is no network {self.network!r}; choose one of {', '.join(NAMES)}")
        loss, rate = _USUAL[self.network]
        o = replace(self, loss=self.loss or loss, learning_rate=self.learning_rate or rate)
        for name, low, high in _RANGES:
            value = getattr(o, name)
            if value is not None and not low <= value <= high:
                raise LeafLitterError(f"{name} is {value}; it is from {low} to {high}")
        for name, allowed in (("loss", LOSSES), ("optimiser", OPTIMISERS), ("precision", PRECISIONS)):
            if getattr(o, name) not in allowed:
                raise LeafLitterError(f"{name} is {getattr(o, name)!r}; choose one of {', '.join(allowed)}")
        schedule.check(o.schedule)
        if o.photographs is not None:
            given = [n for n in ("preset", "config", "set", "palette", "photos", "memory") if getattr(o, n)]
            if given:
                raise LeafLitterError(f"photographs are trained on as they are, so {given[0]} says nothing; give one or the other")
        if o.memory and o.memory < o.batch:
            raise LeafLitterError(f"memory is {o.memory} images, less than a batch of {o.batch}; give at least a batch")
        if task.kind == "sr" and o.blind:
            raise LeafLitterError("blind is for denoising: a network for super-resolution is never told a noise level")
        if task.kind == "sr" and o.patch % task.scale:
            raise LeafLitterError(f"patch is {o.patch}, which {o.task} cannot divide; give a multiple of {task.scale}")
        networks.check(o.spec)
        return replace(o, files=sources.digest(o.config, o.palette, o.photos, o.photographs))

    @property
    def parsed_task(self) -> Task:
        return parse(self.task)

    @property
    def spec(self) -> Spec:
        return Spec(self.network, 1 if self.grey else 3, self.parsed_task.scale, self.blind)

    def asdict(self) -> Dict[str, Any]:
        """For JSON and checkpoints."""
        return {**asdict(self), "set": list(self.set)}

    def differences(self, earlier: Dict[str, Any]) -> List[str]:
        """Names of what decides the result and is not as in the options of an earlier call."""
        mine = self.asdict()
        names = [f.name for f in fields(self) if f.name not in CARRIED_OUT and earlier.get(f.name) != mine[f.name]]
        if self.schedule != "cosine" and "iterations" in names:
            names.remove("iterations")  # the rate at a step does not depend on it
        return ["contents of config, palette, photos or photographs" if name == "files" else name for name in names]


_RANGES: Tuple[Tuple[str, Any, Any], ...] = (
    ("memory", 0, 10_000_000),
    ("seed", 0, 2**63 - 1),
    ("batch", 1, 4096),
    ("patch", 8, 4096),
    ("iterations", 1, 1_000_000_000),
    ("learning_rate", 1e-12, 10),
    ("weight_decay", 0, 10),
    ("warmup", 0, 1_000_000_000),
    ("clip", 0, 1e9),
    ("ema", 0, 0.999999),
    ("minutes", 0.001, 1e6),
    ("checkpoint_every", 1, 1_000_000_000),
    ("log_every", 1, 1_000_000_000),
    ("pictures_every", 0, 1_000_000_000),
    ("validate_every", 1, 1_000_000_000),
)
