"""The training loop."""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional

import torch

from .. import _device, _files
from .._errors import LeafLitterError
from ..evaluate import evaluate
from ..networks import weights
from ..restore import images as photographs
from . import checkpoint, data, degrade, log, pictures
from .model import Model, set_precision
from .options import Options
from .stop import Stop


@dataclass(frozen=True)
class Result:
    """What a call came to: the run's directory, steps done, whether all are, and the signal that ended it (0: none)."""

    folder: Path
    step: int
    finished: bool
    signal: int = 0


def run(options: Options, resume: bool = False, progress: bool = True) -> Result:
    """Train, or go on with a run, until it is complete, minutes are over, or SIGINT or SIGTERM comes.

    With resume the run goes on exactly where the last checkpoint was taken, if there is one.
    Raises LeafLitterError; the last checkpoint is then as it was.
    """
    options = options.checked()
    end = math.inf if options.minutes is None else time.monotonic() + 60 * options.minutes
    device, why = _device.choose(None if options.device == "auto" else options.device)
    set_precision(options, device)
    folder = _files.folder(options.output)
    state = _begun(folder, options, resume)
    step = 0 if state is None else int(state["step"])
    model = Model(options, device, state)
    if step >= options.iterations:
        _finish(folder, model)
        return Result(folder, step, True)
    _say(progress, f"{options.spec}, {options.task}, step {step} of {options.iterations}, computing on {why}")
    with Stop(end) as stop, _Run(folder, options, model, step, progress) as running:
        with data.batches(options, step, pin=device.type == "cuda") as batches:
            while running.step < options.iterations and not stop.now():
                running.train(batches)
        running.save()
    finished = running.step >= options.iterations
    if finished:
        _finish(folder, model)
    return Result(folder, running.step, finished, stop.signal)


def _begun(folder: Path, options: Options, resume: bool) -> Optional[Dict[str, Any]]:
    """The checkpoint to go on from, None for a new run."""
    for temporary in folder.glob(".*.tmp"):  # of a call that was killed
        temporary.unlink(missing_ok=True)
    path, state = folder / checkpoint.NAME, None
    if path.exists():
        if not resume:
            raise LeafLitterError(f"{folder} holds a run already; give --resume to go on with it, or another --output")
        state = checkpoint.read(path)
        differ = options.differences(state["options"])
        if differ:
            raise LeafLitterError(f"the run in {folder} was begun with other settings ({', '.join(differ)}); give the same to go on with it, or another --output")
    return state


def _finish(folder: Path, model: Model) -> None:
    weights.save(model.averaged(), folder / "weights.pt")


def _say(progress: bool, text: str) -> None:
    if progress:
        print(f"leaflitter.train: {text}", file=sys.stderr, flush=True)


class _Run:
    """The state of a call: where it is, and what has gathered since the last row of the log."""

    def __init__(self, folder: Path, options: Options, model: Model, step: int, progress: bool) -> None:
        self.folder, self.options, self.model, self.step = folder, options, model, step
        self.saved = step
        self._progress, self._total = progress, step
        # What may be refused comes first, then what is written.
        self._images = photographs.read_folder(options.validate, grey=options.grey) if options.validate else []
        self._board = log.tensorboard(folder / "tensorboard", step) if options.tensorboard else None
        with _files.whole(folder / "options.json") as file:
            file.write((json.dumps(options.asdict(), indent=1) + "\n").encode())
        self._log = log.Log(folder / "log.csv", log.COLUMNS, step)
        self._validation = log.Log(folder / "validation.csv", log.VALIDATION, step) if options.validate else None
        self._bar: Any = None
        self._clear()

    def __enter__(self) -> _Run:
        if self._progress and sys.stderr.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                raise LeafLitterError("tqdm, which shows progress, is not installed; run: pip install 'leaflitter[train]'") from None
            self._bar = tqdm(total=self.options.iterations, initial=self.step, unit="step", leave=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._board is not None:
            self._board.close()

    def _clear(self) -> None:
        self._began, self._waited, self._count = time.perf_counter(), 0.0, 0
        self._loss = self._norm = torch.zeros((), device=self.model.device)

    def train(self, batches: Any) -> None:
        """One step, and what is due after it."""
        o, began = self.options, time.perf_counter()
        images = next(batches)
        self._waited += time.perf_counter() - began
        images = images.to(self.model.device, non_blocking=True)
        loss, norm = self.model.step(images, self.step)
        self._loss, self._norm, self._count = self._loss + loss, self._norm + norm, self._count + 1
        self.step += 1
        if self._bar is not None:
            self._bar.update()
        last = self.step == o.iterations
        if self.step % o.log_every == 0 or last:
            self._write_log()
        if o.pictures_every and (self.step % o.pictures_every == 0 or last):
            given, clean, sigma = degrade.pairs(images, self.model.task, o.seed, self.step - 1)
            pictures.write(self.folder / "samples" / f"{self.step:08d}.png", self.model.averaged(), given, clean, sigma)
        if self._validation is not None and (self.step % o.validate_every == 0 or last):
            self._validate(self._validation)
        if self.step % o.checkpoint_every == 0:
            self.save()

    def save(self) -> None:
        """Write a checkpoint of this step, if there is none."""
        if self.saved == self.step:
            return
        self._check(float(self._loss))
        m = self.model
        checkpoint.save(self.folder / checkpoint.NAME, self.options, self.step, m.network, m.optimiser, m.ema)
        self.saved = self.step

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise LeafLitterError(f"the loss is not finite by step {self.step}; the checkpoint of step {self.saved} stays: begin anew with a lower --learning-rate, with --clip, or with --precision fp32")

    def _write_log(self) -> None:
        loss, norm = float(self._loss) / self._count, float(self._norm) / self._count
        self._check(loss)
        seconds = time.perf_counter() - self._began
        rate = self.model.optimiser.param_groups[0]["lr"]
        speed, waiting = self._count * self.options.batch / seconds, self._waited / seconds
        self._log.add(step=self.step, loss=loss, learning_rate=rate, gradient_norm=norm, images_per_second=speed, waiting=waiting, seconds=seconds)
        if self._board is not None:
            for name, value in (("loss", loss), ("learning rate", rate), ("gradient norm", norm), ("images per second", speed), ("waiting", waiting)):
                self._board.add_scalar(name, value, self.step)
        text = f"loss {loss:.5f}, {speed:.0f} images/s, {100 * waiting:.0f} % waiting for images"
        if self._bar is not None:
            self._bar.set_postfix_str(text)
        else:
            _say(self._progress, f"step {self.step} of {self.options.iterations}: {text}")
        self._clear()

    def _validate(self, validation: log.Log) -> None:
        task = self.model.task
        low, high = task.sigma
        name = str(task) if low == high else f"denoise:{25 if low <= 25 <= high else (low + high) / 2:g}"
        found = evaluate(self.model.averaged(), self._images, name)
        validation.add(step=self.step, task=name, psnr=found.psnr, ssim=found.ssim)
        if self._board is not None:
            self._board.add_scalar("validation PSNR", found.psnr, self.step)
        _say(self._progress and self._bar is None, f"step {self.step}: {found.psnr:.2f} dB on {self.options.validate} ({name})")
