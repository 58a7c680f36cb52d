#!/usr/bin/env python3
"""Whether live generation starves training.

The same run by turns: fed by the generator while it trains, and fed from memory. Both are
timed by the run's own log, from the second row on, so that start-up counts in neither; on a GPU
each row ends with a synchronisation. Prints images a second and the share of the time that was
spent waiting for images, and the ratio; exits with 1 when the median ratio is below BAR.

    python bench/training.py [--repeats 3] [--network ffdnet] [--batch 64] [--patch 128] [--rows 3] [--row 1] [--precision fp32]

On a GPU: --seconds 6 --precision bf16, where a run from memory measures first how many steps make
a row, so that the rows of a run take 6 seconds. --json FILE writes what was measured, whole after
every pair, and leaves the judgement to whoever reads it: the bar is noted and no longer the exit
status. --smoke is a size that takes half a minute on two cores and says nothing about speed.
"""

import argparse
import csv
import os
import statistics
import sys
import tempfile
import time
from typing import Any, Dict, List

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "python", "src"), os.path.join(HERE, "gpubox", "python")]

from program import Trouble, guarded, needs, say, speak_plainly, write

if __name__ == "__main__":
    speak_plainly()
needs("training", "numpy", "torch")
import torch
from leaflitter import LeafLitterError
from leaflitter.train import Options, run

BAR = 0.95
START = 90  # seconds that a run may take before its rows: a generator that compiles, a first step that tries algorithms
SMOKE = {"repeats": 2, "rows": 2, "row": 2, "batch": 4, "patch": 48, "seconds": None, "precision": "fp32"}
NUMBERS = (("repeats", 3), ("rows", 3), ("row", 1), ("batch", 64), ("patch", 128), ("threads", None))
TEXTS = (("network", "ffdnet"), ("preset", "dead-leaves-pp"), ("precision", "fp32"), ("device", "auto"), ("backend", "auto"), ("binary", None), ("json", None))


def measured(given: argparse.Namespace, memory: int, row: int, minutes: "float | None" = None, remedy: str = "give a smaller --batch or --patch") -> Dict[str, Any]:
    """Images a second, the share of the time that was waited, and the steps that this is of. remedy is for who has too little time."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(
            Options(
                output=folder, preset=given.preset, network=given.network, batch=given.batch, patch=given.patch, precision=given.precision,
                iterations=row * (given.rows + 1), log_every=row, checkpoint_every=10**9, memory=memory, device=given.device,
                backend=given.backend, threads=given.threads, binary=given.binary, minutes=minutes,
            ),
            progress=False,
        )  # fmt: skip
        if result.signal:
            raise SystemExit(128 + result.signal)
        with open(os.path.join(folder, "log.csv"), newline="") as file:
            rows = list(csv.DictReader(file))[1:]
    if not rows:
        raise LeafLitterError(f"{row} steps took more than {minutes:.1f} minutes, which was all the time there is for {row * (given.rows + 1)}; {remedy}")
    seconds = sum(float(row["seconds"]) for row in rows)
    waited = sum(float(row["seconds"]) * float(row["waiting"]) for row in rows)
    return {"images_per_s": len(rows) * row * given.batch / seconds, "waiting": waited / seconds, "steps": len(rows) * row}


def steps(given: argparse.Namespace) -> int:
    """How many steps make a row, so that all rows of a run take --seconds."""
    if given.seconds is None:
        return int(given.row)
    found = measured(given, 4 * given.batch, 10, START / 60)
    row = max(1, int(given.seconds * found["images_per_s"] / given.batch / given.rows))
    say(f"from memory, for a start: {found['images_per_s']:.1f} images/s; {row} steps a row")
    return row


def main() -> int:
    p = argparse.ArgumentParser(description="Training fed live against training fed from memory.")
    for name, number in NUMBERS:
        p.add_argument(f"--{name}", type=int, default=number)
    for name, text in TEXTS:
        p.add_argument(f"--{name}", default=text)
    p.add_argument("--seconds", type=float, help="seconds that the rows of a run take; chooses --row")
    p.add_argument("--smoke", action="store_true", help="a size for two cores, which says nothing about speed")
    given = p.parse_args()
    for name, value in SMOKE.items() if given.smoke else ():
        setattr(given, name, value)
    return guarded("training", lambda: told(given))


def told(given: argparse.Namespace) -> int:
    """LeafLitterError as one sentence."""
    for name, low, high in (("repeats", 1, 1000), ("rows", 1, 1000), ("row", 1, 10**6), ("seconds", 0.1, 3600)):
        value = getattr(given, name)
        if value is not None and not low <= value <= high:
            raise Trouble(f"--{name} is {value:g}; give {low:g} to {high:g}")
    try:
        return compared(given)
    except LeafLitterError as error:
        raise Trouble(str(error)) from None


def several(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def compared(given: argparse.Namespace) -> int:
    processor = f"CPU, {several(torch.get_num_threads(), 'PyTorch thread')}, {several(len(os.sched_getaffinity(0)), 'core')}"
    where = torch.cuda.get_device_name() if given.device != "cpu" and torch.cuda.is_available() else processor
    say(f"{given.network}, {given.preset}, {given.patch} x {given.patch}, batch {given.batch}, {given.precision}, {where}, PyTorch {torch.__version__}")
    report: Dict[str, Any] = {
        "network": given.network, "preset": given.preset, "patch": given.patch, "batch": given.batch, "precision": given.precision, "device": where,
        "backend": given.backend, "pytorch": torch.__version__, "smoke": given.smoke, "bar": BAR, "pairs": [],
    }  # fmt: skip
    began = time.monotonic()
    row = steps(given)
    # A run that comes to be much slower than the first ends after as much time again, with the rows it has.
    minutes = None if given.seconds is None else (START + 3 * given.seconds) / 60
    say("images/s (share of the time spent waiting for images)")
    ratios: List[float] = []
    for n in range(given.repeats):
        order = (0, 4 * given.batch) if n % 2 == 0 else (4 * given.batch, 0)  # neither is always first
        found = {memory > 0: measured(given, memory, row, minutes) for memory in order}
        live, kept = found[False], found[True]
        ratios.append(live["images_per_s"] / kept["images_per_s"])
        say(f"live  {live['images_per_s']:8.2f} ({live['waiting']:.1%})   memory  {kept['images_per_s']:8.2f} ({kept['waiting']:.1%})   ratio {ratios[-1]:.3f}")
        report["pairs"].append({"live": live, "memory": kept, "ratio": ratios[-1]})
        report["median_ratio"] = statistics.median(ratios)
        for name in ("live", "memory"):
            report[f"{name}_images_per_s"] = statistics.median(pair[name]["images_per_s"] for pair in report["pairs"])
        report["seconds"] = time.monotonic() - began
        write(given.json, report)
    median = statistics.median(ratios)
    say(f"median ratio {median:.3f} (bar {BAR}{', which a smoke run says nothing about' if given.smoke else ''})")
    return 0 if median >= BAR or given.json or given.smoke else 1


if __name__ == "__main__":
    sys.exit(main())
