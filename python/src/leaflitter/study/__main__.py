"""python -m leaflitter.study: which training images are worth what."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from .._errors import LeafLitterError
from .._main import TIME_OVER, guarded
from . import Interrupted, Outcome, Study, cpu, run
from .cpu.plan import Size as CpuSize
from .plan import DEFAULT_SETS, GPU, SMOKE, training_sets

CPU = CpuSize()


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m leaflitter.study",
        description="Train the same network on several sets of images and write one table: PSNR on photographs, and the gap to training on photographs. "
        "The same command goes on where an earlier one stopped. Exit 0: all runs are finished; 75: the time is over, go on; 2: some failed.",
    )
    size = p.add_mutually_exclusive_group(required=True)
    size.add_argument("--smoke", action="store_true", help=f"{SMOKE.iterations} iterations a run: minutes on two cores; checks the machinery and claims nothing")
    size.add_argument("--gpu", action="store_true", help=f"{GPU.iterations:,} iterations a run, batch {GPU.batch}, {GPU.patch} x {GPU.patch}, {GPU.seeds} seeds, {GPU.precision}: hours on one GPU")
    size.add_argument("--cpu", action="store_true", help=f"a small network, {CPU.steps:,} steps a run, {CPU.seeds} seeds, several runs side by side: minutes a run on one core")
    p.add_argument("--output", type=Path, required=True, metavar="DIR", help="directory of the study; a run has DIR/SET/seed-N in it")
    p.add_argument("--images", type=Path, metavar="DIR", help="photographs to evaluate on; with --cpu in place of the half that does not train")
    p.add_argument("--photographs", default="", metavar="DIR", help="photographs to train on, others than those of --images; without it the table has no gaps. With --cpu they are needed: half of them trains, by the hash of the name, and half judges")
    p.add_argument("--sets", nargs="+", default=[], metavar="SET", help=f"presets, photographs, NAME=FILE.yaml, or NAME=DIR with images (default: {' '.join(DEFAULT_SETS)})")
    p.add_argument("--minutes", type=float, metavar="M", help="stop after M minutes, with checkpoints; the same command goes on")
    p.add_argument("--report", action="store_true", help="train nothing, write the report of what is there")
    p.add_argument("--shifts", action=argparse.BooleanOptionalAction, default=None, help="evaluate on rotated, rescaled, brighter ... photographs too (default: with --gpu)")
    p.add_argument("--plots", action=argparse.BooleanOptionalAction, default=True, help="pictures in the report, which need matplotlib")
    small = p.add_argument_group("with --cpu")
    small.add_argument("--jobs", type=int, metavar="N", help="runs side by side, one core each (default: as many as there are cores)")
    small.add_argument("--grey", action="store_true", help="one channel, luma of BT.601")
    small.add_argument("--count", type=int, metavar="N", help="images of each set (default: as many as the photographs that train)")
    small.add_argument("--judges", type=int, metavar="N", help=f"photographs that judge at most, 0 for all (default {CPU.judges})")
    change = p.add_argument_group("changes of the size, recorded in the report; the same for all sets")
    change.add_argument("--network", help="network (default ffdnet)")
    change.add_argument("--iterations", type=int, metavar="N", help="steps of a run")
    change.add_argument("--batch", type=int, metavar="B", help="images of a step")
    change.add_argument("--patch", type=int, metavar="P", help="pixels of an image's side")
    change.add_argument("--seeds", type=int, metavar="N", help="runs of each set, seeds 0 to N - 1")
    change.add_argument("--precision", choices=["fp32", "tf32", "bf16"], help="bf16 is the faster on CPUs that have it (avx512_bf16, AMX), else the slower")
    place = p.add_argument_group("machine and generator")
    place.add_argument("--device", default="auto", help="auto, cpu or cuda[:N] (default auto)")
    place.add_argument("--backend", default="auto", help="backend of the generator: auto, cpu or gpu (default auto)")
    place.add_argument("--threads", type=int, metavar="N", help="threads of the generator")
    place.add_argument("--binary", metavar="FILE", help="the leaflitter program (default: as LeafLitterStream finds it)")
    place.add_argument("--palette", metavar="FILE", help="colours of the generated images: a file of leaflitter palette build (default: the built-in set). With --cpu also built-in, and by default photographs: built from those that train")
    return p


def main(arguments: Optional[Sequence[str]] = None) -> int:
    given = parser().parse_args(arguments)
    try:
        return guarded("leaflitter.study", lambda: _told(_cpu(given) if given.cpu else _gpu(given), given.report), "stopped; the same command goes on")
    except Interrupted as stopped:
        print("leaflitter.study: stopped by a signal; the same command goes on", file=sys.stderr)
        return 128 + stopped.signal


def _gpu(given: argparse.Namespace) -> Outcome:
    for name in ("jobs", "grey", "count", "judges"):
        if getattr(given, name) not in (None, False):
            raise LeafLitterError(f"--{name} is of --cpu; leave it out, or give --cpu")
    if given.images is None:
        raise LeafLitterError("--images DIR is missing: photographs to evaluate on")
    size = SMOKE if given.smoke else GPU
    changes: Dict[str, Any] = {name: getattr(given, name) for name in ("network", "iterations", "batch", "patch", "seeds", "precision") if getattr(given, name) is not None}
    # Fewer steps than the study was made for claim nothing either.
    changes["claims"] = size.claims and changes.get("iterations", size.iterations) >= GPU.iterations

    study = Study(
        output=given.output, images=given.images, sets=tuple(training_sets(given.sets, given.photographs)),
        size=dataclasses.replace(size, **changes), shifts=size.claims if given.shifts is None else given.shifts,
        minutes=given.minutes, plots=given.plots, device=given.device, backend=given.backend, threads=given.threads, binary=given.binary, palette=given.palette,
    )  # fmt: skip
    return run(study, only_report=given.report)


def _cpu(given: argparse.Namespace) -> Outcome:
    for name, usual in (("network", None), ("shifts", None), ("threads", None), ("device", "auto")):
        if getattr(given, name) != usual and (name, getattr(given, name)) != ("device", "cpu"):
            raise LeafLitterError(f"--{name} says nothing with --cpu, which has one network, one thread a run and no shifts; leave it out")
    if not given.photographs:
        raise LeafLitterError("--cpu needs --photographs DIR: half of them trains, half judges, and generated images have their size and colours")
    changes: Dict[str, Any] = {name: getattr(given, name) for name in ("batch", "patch", "seeds", "precision", "count", "judges") if getattr(given, name) is not None}
    if given.iterations is not None:
        changes["steps"] = given.iterations
    study = cpu.Study(
        output=given.output, photographs=Path(given.photographs), sets=tuple(training_sets(given.sets, given.photographs)), size=dataclasses.replace(CPU, grey=given.grey, **changes),
        images=given.images, palette=given.palette or cpu.prepare.OWN, jobs=given.jobs, minutes=given.minutes, plots=given.plots, backend=given.backend, binary=given.binary or "",
    )  # fmt: skip
    return cpu.run(study, only_report=given.report)


def _told(outcome: Outcome, only_report: bool) -> int:
    """The exit status, after a line on what there is."""
    left = outcome.total - outcome.finished - len(outcome.failed)
    if outcome.failed and (not left or only_report):
        raise LeafLitterError(f"{len(outcome.failed)} of {outcome.total} runs failed, as said above; mend what they lack, or leave their sets out")
    print(f"{outcome.finished} of {outcome.total} runs are finished{'' if outcome.report is None else f': {outcome.report}'}")
    return 0 if only_report or not left else TIME_OVER


if __name__ == "__main__":
    sys.exit(main())
