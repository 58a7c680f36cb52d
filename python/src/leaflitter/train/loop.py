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

from .. import _device, _files, _memory
from .._errors import LeafLitterError
from .._main import say
from ..evaluate import evaluate
from ..evaluate.cases import fits
from ..networks import weights
from ..restore import images as photographs
from ..restore.tasks import Task, parse
from . import checkpoint, data, degrade, log, pictures
from .ahead import Ahead
from .model import Model, set_precision
from .options import Options
from .stop import Stop

_FILES = (checkpoint.NAME, "weights.pt", "options.json", "log.csv", "validation.csv")


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
    folder = _files.folder(options.output)
    with _files.alone(folder, _FILES):
        return _run(options, folder, end, resume, progress)


def _run(options: Options, folder: Path, end: float, resume: bool, progress: bool) -> Result:
    device, why = _device.choose(options.device)
    set_precision(options, device)
    state = _begun(folder, options, resume)
    step = 0 if state is None else int(state["step"])
    try:
        model = Model(options, device, state)
        if step >= options.iterations:
            _write_options(folder, options)
            _finish(folder, model)
            return Result(folder, step, True)
        _say(progress, f"{options.spec}, {options.task}, step {step} of {options.iterations}, computing on {why}")
        with _Run(folder, options, model, step, progress) as running, data.batches(options, step, pin=device.type == "cuda") as batches:
            with Stop(end) as stop:
                while running.step < options.iterations and not stop.now() and running.train(batches, stop):
                    pass
                running.save()
    except (MemoryError, RuntimeError) as error:
        if not _memory.exhausted(error):
            raise
        raise LeafLitterError(f"there is not enough memory on {device} for {options.network} with a batch of {options.batch} images of {options.patch} x {options.patch}; give a smaller --batch or --patch") from None
    finished = running.step >= options.iterations
    if finished:
        _finish(folder, model)
    return Result(folder, running.step, finished, stop.signal)


def _begun(folder: Path, options: Options, resume: bool) -> Optional[Dict[str, Any]]:
    """The checkpoint to go on from, None for a new run."""
    path, state = folder / checkpoint.NAME, None
    if path.exists():
        if not resume:
            raise LeafLitterError(f"{folder} holds a run already; give --resume to go on with it, or another --output")
        state = checkpoint.read(path)
        differ = options.differences(state["options"])
        if differ:
            raise LeafLitterError(f"the run in {folder} was begun with other settings ({', '.join(differ)}); give the same to go on with it, or another --output")
    return state


def _write_options(folder: Path, options: Options) -> None:
    with _files.whole(folder / "options.json") as file:
        file.write((json.dumps(options.asdict(), indent=1) + "\n").encode())


def _finish(folder: Path, model: Model) -> None:
    weights.save(model.averaged(), folder / "weights.pt")


def _validation_task(options: Options) -> Task:
    """The task; of a range of noise σ = 25 if it is in there, else the middle."""
    task = options.parsed_task
    low, high = task.sigma
    return task if low == high else parse(f"denoise:{25 if low <= 25 <= high else (low + high) / 2:g}")


def _say(progress: bool, text: str) -> None:
    if progress:
        say("leaflitter.train", text)


class _Run:
    """The state of a call: where it is, and what has gathered since the last row of the log."""

    def __init__(self, folder: Path, options: Options, model: Model, step: int, progress: bool) -> None:
        self.folder, self.options, self.model, self.step = folder, options, model, step
        self.saved = step
        self._progress = progress
        # What may be refused comes first, then what is written.
        self._images = photographs.read_folder(options.validate, grey=options.grey) if options.validate else []
        self._task = _validation_task(options)
        for name, image in self._images:
            fits(name, image, self._task, None)
        if options.pictures_every:
            photographs.check_pillow()
        self._board = log.tensorboard(folder / "tensorboard", step) if options.tensorboard else None
        self._log: Optional[log.Log] = None
        self._validation: Optional[log.Log] = None
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

    def _open(self) -> log.Log:
        """Begin the files of the run, now that there are images to train on."""
        _write_options(self.folder, self.options)
        if self.options.validate:
            self._validation = log.Log(self.folder / "validation.csv", log.VALIDATION, self.step)
        return log.Log(self.folder / "log.csv", log.COLUMNS, self.step)

    def _clear(self) -> None:
        self._began, self._waited, self._count = time.perf_counter(), 0.0, 0
        self._loss = self._norm = torch.zeros((), device=self.model.device)

    def train(self, batches: Ahead, stop: Stop) -> bool:
        """One step, and what is due after it; False if it is time to stop before images came."""
        o, began = self.options, time.perf_counter()
        try:
            images = batches.get(stop.now)
        except LeafLitterError as error:
            try:
                self.save()
            except LeafLitterError as second:
                raise LeafLitterError(f"{error}; and {second}") from None
            raise
        if images is None:
            return False
        self._log = self._log or self._open()
        self._waited += time.perf_counter() - began
        images = images.to(self.model.device, non_blocking=True)
        loss, norm = self.model.step(images, self.step)
        self._loss, self._norm, self._count = self._loss + loss, self._norm + norm, self._count + 1
        self.step += 1
        stop.armed = True
        if self._bar is not None:
            self._bar.update()
        last = self.step == o.iterations
        if self.step % o.log_every == 0 or last:
            self._write_log(self._log)
        if self.step % o.checkpoint_every == 0:
            self.save()
        if o.pictures_every and (self.step % o.pictures_every == 0 or last):
            given, clean, sigma = degrade.pairs(images, self.model.task, o.seed, self.step - 1)
            pictures.write(self.folder / "samples" / f"{self.step:08d}.png", self.model.averaged(), given, clean, sigma)
        if self._validation is not None and (self.step % o.validate_every == 0 or last):
            self._validate(self._validation)
        return True

    def save(self) -> None:
        """Write a checkpoint of this step, if there is none."""
        if self.saved == self.step:
            return
        self._check(float(self._loss + self._norm))
        m = self.model
        checkpoint.save(self.folder / checkpoint.NAME, self.options.asdict(), self.step, m.network, m.optimiser, m.ema)
        self.saved = self.step

    def _check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise LeafLitterError(f"the loss is not finite by step {self.step}; the checkpoint of step {self.saved} stays: begin anew with a lower --learning-rate, with --clip, or with --precision fp32")

    def _write_log(self, rows: log.Log) -> None:
        loss, norm = float(self._loss) / self._count, float(self._norm) / self._count
        self._check(loss)
        seconds = time.perf_counter() - self._began
        rate = self.model.optimiser.param_groups[0]["lr"]
        speed, waiting = self._count * self.options.batch / seconds, self._waited / seconds
        rows.add(step=self.step, loss=loss, learning_rate=rate, gradient_norm=norm, images_per_second=speed, waiting=waiting, seconds=seconds)
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
        name = str(self._task)
        found = evaluate(self.model.averaged(), self._images, self._task)
        validation.add(step=self.step, task=name, psnr=found.psnr, ssim=found.ssim)
        if self._board is not None:
            self._board.add_scalar("validation PSNR", found.psnr, self.step)
        _say(self._progress and self._bar is None, f"step {self.step}: {found.psnr:.2f} dB on {self.options.validate} ({name})")
