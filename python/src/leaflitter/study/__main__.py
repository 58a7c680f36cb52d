"""python -m leaflitter.study: which training images are worth what."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from .._errors import LeafLitterError
from .._main import TIME_OVER, guarded
from . import Interrupted, Study, run
from .plan import DEFAULT_SETS, GPU, SMOKE, training_sets


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(
        prog="python -m leaflitter.study",
        description="Train the same network on several sets of images and write one table: PSNR on photographs, and the gap to training on photographs. "
        "The same command goes on where an earlier one stopped. Exit 0: all runs are finished; 75: the time is over, go on; 2: some failed.",
    )
    size = p.add_mutually_exclusive_group(required=True)
    size.add_argument("--smoke", action="store_true", help=f"{SMOKE.iterations} iterations a run: minutes on two cores; checks the machinery and claims nothing")
    size.add_argument("--gpu", action="store_true", help=f"{GPU.iterations:,} iterations a run, batch {GPU.batch}, {GPU.patch} x {GPU.patch}, {GPU.seeds} seeds, {GPU.precision}: hours on one GPU")
    p.add_argument("--output", type=Path, required=True, metavar="DIR", help="directory of the study; a run has DIR/SET/seed-N in it")
    p.add_argument("--images", type=Path, required=True, metavar="DIR", help="photographs to evaluate on")
    p.add_argument("--photographs", default="", metavar="DIR", help="photographs to train on, others than those of --images; without it the table has no gaps")
    p.add_argument("--sets", nargs="+", default=[], metavar="SET", help=f"presets, photographs, or NAME=FILE.yaml (default: {' '.join(DEFAULT_SETS)})")
    p.add_argument("--minutes", type=float, metavar="M", help="stop after M minutes, with checkpoints; the same command goes on")
    p.add_argument("--report", action="store_true", help="train nothing, write the report of what is there")
    p.add_argument("--shifts", action=argparse.BooleanOptionalAction, default=None, help="evaluate on rotated, rescaled, brighter ... photographs too (default: with --gpu)")
    p.add_argument("--plots", action=argparse.BooleanOptionalAction, default=True, help="pictures in the report, which need matplotlib")
    change = p.add_argument_group("changes of the size, recorded in the report; the same for all sets")
    change.add_argument("--network", help="network (default ffdnet)")
    change.add_argument("--iterations", type=int, metavar="N", help="steps of a run")
    change.add_argument("--batch", type=int, metavar="B", help="images of a step")
    change.add_argument("--patch", type=int, metavar="P", help="pixels of an image's side")
    change.add_argument("--seeds", type=int, metavar="N", help="runs of each set, seeds 0 to N - 1")
    change.add_argument("--precision", choices=["fp32", "tf32", "bf16"])
    place = p.add_argument_group("machine and generator")
    place.add_argument("--device", default="auto", help="auto, cpu or cuda[:N] (default auto)")
    place.add_argument("--backend", default="auto", help="backend of the generator: auto, cpu or gpu (default auto)")
    place.add_argument("--threads", type=int, metavar="N", help="threads of the generator")
    place.add_argument("--binary", metavar="FILE", help="the leaflitter program (default: as LeafLitterStream finds it)")
    place.add_argument("--palette", metavar="FILE", help="colours of the generated images: a file of leaflitter palette build (default: the built-in set)")
    return p


def main(arguments: Optional[Sequence[str]] = None) -> int:
    given = parser().parse_args(arguments)
    size = SMOKE if given.smoke else GPU
    changes: Dict[str, Any] = {name: getattr(given, name) for name in ("network", "iterations", "batch", "patch", "seeds", "precision") if getattr(given, name) is not None}
    # Fewer steps than the study was made for claim nothing either.
    changes["claims"] = size.claims and changes.get("iterations", size.iterations) >= GPU.iterations

    def body() -> int:
        study = Study(
            output=given.output, images=given.images, sets=tuple(training_sets(given.sets, given.photographs)),
            size=dataclasses.replace(size, **changes), shifts=size.claims if given.shifts is None else given.shifts,
            minutes=given.minutes, plots=given.plots, device=given.device, backend=given.backend, threads=given.threads, binary=given.binary, palette=given.palette,
        )  # fmt: skip
        outcome = run(study, only_report=given.report)
        left = outcome.total - outcome.finished - len(outcome.failed)
        if outcome.failed and (not left or given.report):
            raise LeafLitterError(f"{len(outcome.failed)} of {outcome.total} runs failed, as said above; mend what they lack, or leave their sets out")
        print(f"{outcome.finished} of {outcome.total} runs are finished{'' if outcome.report is None else f': {outcome.report}'}")
        return 0 if given.report or not left else TIME_OVER

    try:
        return guarded("leaflitter.study", body, "stopped; the same command goes on")
    except Interrupted as stopped:
        print("leaflitter.study: stopped by a signal; the same command goes on", file=sys.stderr)
        return 128 + stopped.signal


if __name__ == "__main__":
    sys.exit(main())
