#!/usr/bin/env python3
"""Whether live generation starves training.

The same run by turns: fed by the generator while it trains, and fed from memory. Both are
timed by the run's own log, from the second row on, so that start-up counts in neither; on a GPU
each row ends with a synchronisation. Prints images a second and the share of the time that was
spent waiting for images, and the ratio; exits with 1 when the median ratio is below BAR.

    python bench/training.py [--repeats 3] [--network ffdnet] [--batch 64] [--patch 128] [--rows 3] [--row 1] [--precision fp32]

On a GPU give longer rows: --rows 5 --row 100 --precision bf16.
"""

import argparse
import csv
import os
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python", "src"))

import torch

from leaflitter.train import Options, run

BAR = 0.95


def measured(given: argparse.Namespace, memory: int) -> "tuple[float, float]":
    """Images a second, and the share of the time that was waited."""
    with tempfile.TemporaryDirectory() as folder:
        run(
            Options(
                output=folder, preset=given.preset, network=given.network, batch=given.batch, patch=given.patch, precision=given.precision,
                iterations=given.row * (given.rows + 1), log_every=given.row, checkpoint_every=10**9, memory=memory, device=given.device,
                backend=given.backend, threads=given.threads, binary=given.binary,
            ),
            progress=False,
        )  # fmt: skip
        with open(os.path.join(folder, "log.csv"), newline="") as file:
            rows = list(csv.DictReader(file))[1:]
    seconds = sum(float(row["seconds"]) for row in rows)
    waited = sum(float(row["seconds"]) * float(row["waiting"]) for row in rows)
    return given.rows * given.row * given.batch / seconds, waited / seconds


def main() -> int:
    p = argparse.ArgumentParser(description="Training fed live against training fed from memory.")
    for name, kind, default in (("repeats", int, 3), ("rows", int, 3), ("row", int, 1), ("batch", int, 64), ("patch", int, 128), ("threads", int, None)):
        p.add_argument(f"--{name}", type=kind, default=default)
    for name, text in (("network", "ffdnet"), ("preset", "dead-leaves-pp"), ("precision", "fp32"), ("device", "auto"), ("backend", "auto"), ("binary", None)):
        p.add_argument(f"--{name}", default=text)
    given = p.parse_args()
    where = torch.cuda.get_device_name() if given.device != "cpu" and torch.cuda.is_available() else f"CPU, {torch.get_num_threads()} PyTorch threads, {len(os.sched_getaffinity(0))} cores"
    print(f"{given.network}, {given.preset}, {given.patch} x {given.patch}, batch {given.batch}, {given.precision}, {where}, PyTorch {torch.__version__}")
    print("images/s (share of the time spent waiting for images)")
    ratios = []
    for n in range(given.repeats):
        order = (0, 4 * given.batch) if n % 2 == 0 else (4 * given.batch, 0)  # neither is always first
        found = {memory > 0: measured(given, memory) for memory in order}
        (live, live_waited), (kept, kept_waited) = found[False], found[True]
        ratios.append(live / kept)
        print(f"live  {live:8.2f} ({live_waited:.1%})   memory  {kept:8.2f} ({kept_waited:.1%})   ratio {ratios[-1]:.3f}", flush=True)
    median = statistics.median(ratios)
    print(f"median ratio {median:.3f} (bar {BAR})")
    return 0 if median >= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
