"""The training of one run: the same numbers wherever it was broken off."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import numpy as np
import torch

from ... import networks
from ..._errors import LeafLitterError
from ...networks import Spec
from ...train import checkpoint, degrade, schedule
from .images import Pixels, patches
from .plan import Run

_PATCHES, _LEVELS, _NOISE = 11, 12, 13  # purposes of randomness
_EVERY = 250  # steps of a checkpoint


class Training:
    """A run's network and optimiser, and the step they are at.

    Everything random is a function of the seed and the step, and the same for all sets: first
    weights, levels, noise, and the places of patches.
    """

    def __init__(self, run: Run, images: List[Pixels], digest: str, began: float = 0.0) -> None:
        """Untrained, or as the run's checkpoint has it. Raises LeafLitterError for one of another run.

        digest is of the images; began what processor_seconds said before they were loaded.
        """
        self.run, self.images = run, images
        self.path = run.folder / checkpoint.NAME
        self.about: Dict[str, Any] = {**run.settings, "images": digest}
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(run.seed)
            self.network = networks.build(Spec(run.size.network, 1 if run.size.grey else 3))
        self.optimiser = torch.optim.Adam(self.network.parameters(), run.size.rate)
        self.step, self.spent, self._began = 0, 0.0, began
        if self.path.exists():
            self._go_on(checkpoint.read(self.path))
        self.network.to(memory_format=torch.channels_last)  # faster on CPUs

    def _go_on(self, state: Dict[str, Any]) -> None:
        theirs = dict(state["options"])
        self.spent = float(theirs.pop("processor_seconds", 0.0))
        refuse_others(self.run.folder, theirs, self.about)
        self.step = int(state["step"])
        self.network.load_state_dict(state["weights"])
        self.optimiser.load_state_dict(state["optimizer"])

    def seconds(self) -> float:
        """What the run has taken of processors, of the calls before this one too."""
        return self.spent + processor_seconds() - self._began

    def train(self, stop: Callable[[], bool]) -> bool:
        """Steps until all are done, or stop() says so after one; whether all are."""
        total = torch.zeros(())
        while self.step < self.run.size.steps:
            total += self._step()
            self.step += 1
            last = self.step == self.run.size.steps
            ends = stop() and not last
            if last or ends or self.step % _EVERY == 0:
                if not math.isfinite(float(total)):
                    raise LeafLitterError(f"the loss is not finite by step {self.step}; remove {self.run.folder}, and train anew with --precision fp32")
                self._save()
            if ends:
                return False
        return True

    def _step(self) -> Any:
        size, numbers = self.run.size, (self.run.seed, self.step)
        clean = torch.from_numpy(patches(self.images, _random(*numbers, _PATCHES), size.batch, size.patch)).float() / 255
        level = torch.tensor(size.sigmas)[torch.from_numpy(_random(*numbers, _LEVELS).integers(0, len(size.sigmas), size.batch))] / 255
        draws = torch.Generator().manual_seed(degrade.seed_of(*numbers, _NOISE))
        noisy = clean + torch.randn(clean.shape, generator=draws) * level.view(-1, 1, 1, 1)
        for group in self.optimiser.param_groups:
            group["lr"] = schedule.rate("cosine", size.rate, self.step, size.steps)
        self.network.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=size.precision == "bf16"):
            restored = self.network(noisy.contiguous(memory_format=torch.channels_last), level)
        # Over the level: else the strongest noise, whose errors are largest, would have the network to itself.
        loss = (((restored.float() - clean) ** 2).mean((1, 2, 3)) / level).mean()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        return loss.detach()

    def _save(self) -> None:
        checkpoint.save(self.path, {**self.about, "processor_seconds": self.seconds()}, self.step, self.network, self.optimiser, None)


def refuse_others(folder: Path, theirs: Optional[Dict[str, Any]], mine: Dict[str, Any]) -> None:
    """Raise LeafLitterError where a run was begun with other settings."""
    mine = json.loads(json.dumps(mine))
    differ = sorted(k for k in {*mine, *(theirs or {})} if mine.get(k) != (theirs or {}).get(k))
    if differ:
        raise LeafLitterError(f"the run in {folder} was begun with other settings or files ({', '.join(differ)}); give the same to go on with it, or remove it to train anew")


def processor_seconds() -> float:
    """Of this process and of those that it waited for: the generator's."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _random(seed: int, step: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, step, purpose])))
