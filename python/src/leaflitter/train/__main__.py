"""python -m leaflitter.train: train a denoiser or a super-resolution network."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from typing import Any, Optional, Sequence

from .._main import TIME_OVER, guarded
from ..networks import NAMES
from . import Options, run
from .options import LOSSES, OPTIMISERS, PRECISIONS

_COMMAND = "leaflitter.train"


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m " + _COMMAND,
        description="Train a network on images that the generator makes meanwhile, or on photographs. "
        "SIGINT and SIGTERM end a run with a checkpoint (exit 130, 143), --minutes too (exit 75); with --resume the same command goes on exactly there.",
        argument_default=argparse.SUPPRESS,
    )

    def add(group: Any, flag: str, help: str, **more: Any) -> None:
        default = _DEFAULTS[flag[2:].replace("-", "_")]
        shown = help if default in (None, "", 0, (), False) else f"{help} (default {default})"
        group.add_argument(flag, help=shown, **more)

    parser.add_argument("--output", required=True, metavar="DIR", help="directory of the run: checkpoint.pt, log.csv, samples/, at the end weights.pt")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --output, if there is one")
    what = parser.add_argument_group("task and network")
    add(what, "--task", "denoise:S or denoise:S-T (standard deviation of 8-bit values, 0 to 255), sr:x2, sr:x3 or sr:x4", metavar="TASK")
    add(what, "--network", "the network; swinir-light is for sr", choices=NAMES)
    add(what, "--blind", "do not tell a denoiser the noise level", action="store_true")
    add(what, "--grey", "one channel, luma of BT.601", action="store_true")
    images = parser.add_argument_group("images")
    add(images, "--preset", "preset of the generator; its own default is dead-leaves-pp", metavar="NAME")
    add(images, "--config", "configuration of the generator", metavar="FILE")
    images.add_argument("--set", action="append", metavar="KEY=VALUE", help="a field of the configuration; may be given several times")
    add(images, "--palette", "colours of generated images: a file of leaflitter palette build", metavar="FILE")
    add(images, "--photos", "colours of generated images: photographs to take them from", metavar="DIR")
    add(images, "--photographs", "train on crops of the photographs in a directory instead", metavar="DIR")
    add(images, "--memory", "train on the first N generated images only, kept in memory", type=int, metavar="N")
    images.add_argument("--no-augment", dest="augment", action="store_false", help="leave out the random flips and quarter turns")
    training = parser.add_argument_group("training")
    add(training, "--seed", "of weights, images and noise", type=int, metavar="N")
    add(training, "--batch", "images of a step, 1 to 4096", type=int, metavar="B")
    add(training, "--patch", "their side in pixels, 8 to 4096; for sr that of the high resolution", type=int, metavar="P")
    add(training, "--iterations", "steps", type=int, metavar="N")
    add(training, "--loss", "default: as the network was published, l2 for ffdnet, else l1", choices=LOSSES)
    add(training, "--optimiser", "the optimiser", choices=OPTIMISERS)
    add(training, "--learning-rate", "default: as the network was published: ffdnet 1e-3, drunet 1e-4, swinir-light 2e-4", type=float, metavar="R")
    add(training, "--weight-decay", "of the optimiser, 0 to 10", type=float, metavar="W")
    add(training, "--schedule", "constant, cosine (to 0 at the last step), or halve:N (every N steps)", metavar="S")
    add(training, "--warmup", "steps over which the rate rises from 0", type=int, metavar="N")
    add(training, "--clip", "largest norm of the gradient, 0: any", type=float, metavar="NORM")
    add(training, "--ema", "decay of the moving average of the weights, 0: none", type=float, metavar="D")
    add(training, "--precision", "tf32 needs an NVIDIA GPU", choices=PRECISIONS)
    machine = parser.add_argument_group("machine (may differ when a run goes on)")
    add(machine, "--device", "auto, cpu, cuda or cuda:N", metavar="D")
    add(machine, "--backend", "of the generator: auto, cpu or gpu", metavar="B")
    add(machine, "--threads", "of the generator; all cores unless given", type=int, metavar="N")
    add(machine, "--binary", "the leaflitter program", metavar="FILE")
    add(machine, "--minutes", "stop after M minutes with a checkpoint", type=float, metavar="M")
    reports = parser.add_argument_group("reports (may differ when a run goes on)")
    add(reports, "--checkpoint-every", "steps", type=int, metavar="N")
    add(reports, "--log-every", "steps of a row of log.csv", type=int, metavar="N")
    add(reports, "--pictures-every", "steps; 0: no sample pictures", type=int, metavar="N")
    add(reports, "--validate", "photographs whose PSNR is logged in validation.csv", metavar="DIR")
    add(reports, "--validate-every", "steps", type=int, metavar="N")
    add(reports, "--tensorboard", "log for TensorBoard too", action="store_true")
    return parser


_DEFAULTS = {f.name: f.default for f in fields(Options)}


def main(argv: Optional[Sequence[str]] = None) -> int:
    """The command; returns its exit status: 0 for a complete run, 75 when the time is over, 2 after one sentence on what is wrong."""
    given = vars(arguments().parse_args(argv))
    resume = given.pop("resume", False)
    if "set" in given:
        given["set"] = tuple(given["set"])
    return guarded(_COMMAND, lambda: _train(Options(**given), resume), "stopped before its checkpoint; the one before it stays")


def _train(options: Options, resume: bool) -> int:
    result = run(options, resume=resume)
    if result.signal:
        print(f"{_COMMAND}: stopped by a signal at step {result.step}; --resume goes on", file=sys.stderr)
        return 128 + result.signal
    if not result.finished:
        print(f"{_COMMAND}: the time is over at step {result.step}; --resume goes on", file=sys.stderr)
        return TIME_OVER
    print(f"{result.folder / 'weights.pt'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
