#!/usr/bin/env python3
"""How much of the renderer's rate a PyTorch DataLoader delivers.

Runs by turns, in one run of this script: generate --format npy, and a DataLoader over
LeafLitterStream. Both are timed from the
WARM-th image on, so that start-up and first use of tables count in neither; both use
all cores. Prints images a second and CPU seconds a thousand images, and their
ratios; exits with 1 when a median ratio is below BAR. On a machine that is busy otherwise
the rates tell how many processes asked for the cores: look at the CPU time there.

    python bench/loader.py [--binary bin/leaflitter] [--repeats 5] [--images 3200]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Dict, List

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "python", "src"))

from torch.utils.data import DataLoader

from leaflitter import LeafLitterStream, find_binary

BAR = 0.8


def descendants() -> List[int]:
    """This process and all below it."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as f:
                    parents[int(name)] = int(f.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                pass  # ended meanwhile
    below = [os.getpid()]
    for pid in below:
        below += [p for p, parent in parents.items() if parent == pid]
    return below


def cpu() -> Dict[str, float]:
    """CPU seconds so far: of generators, and of Python."""
    used = {"generator": 0.0, "python": 0.0}
    for pid in descendants():
        with open(f"/proc/{pid}/stat") as f:
            head, tail = f.read().rsplit(")", 1)
        user, system = tail.split()[11:13]
        used["generator" if "leaflitter" in head else "python"] += (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return used


class Window:
    """Time and CPU time of ``images`` images, from its making to ``end``."""

    def __init__(self) -> None:
        self.cpu, self.start = cpu(), time.perf_counter()

    def end(self, images: int) -> "Window":
        self.rate = images / (time.perf_counter() - self.start)
        self.cpu = {name: (used - self.cpu[name]) / images * 1000 for name, used in cpu().items()}
        self.total = sum(self.cpu.values())
        return self

    def __str__(self) -> str:
        return f"{self.rate:6.1f} ({self.cpu['generator']:.2f} + {self.cpu['python']:.2f})"


def renderer(o: argparse.Namespace) -> Window:
    """generate --format npy, timed between the records of two of its shards."""
    shard = o.batch * 10
    with tempfile.TemporaryDirectory() as folder:
        command = [o.binary, "generate", "--quiet", f"--preset={o.preset}", f"--size={o.size}", f"--seed={o.seed}", "--backend=cpu"]
        command += ["--format=npy", f"--output={folder}/set", f"--shard-size={shard}", f"--count={o.warm + o.images}"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL) as child:

            def wait_for(images: int) -> None:
                record = f"{folder}/set/.leaflitter/{images // shard - 1:06d}.json"
                while not os.path.exists(record):
                    if child.poll() not in (None, 0):
                        sys.exit("the generator failed")
                    time.sleep(0.002)

            wait_for(o.warm)
            window = Window()
            wait_for((o.warm + o.images) // shard * shard)
            window.end((o.warm + o.images) // shard * shard - o.warm)
    return window


def loader(o: argparse.Namespace) -> Window:
    """A DataLoader."""
    stream = LeafLitterStream(preset=o.preset, size=o.size, seed=o.seed, backend="cpu", binary=o.binary, batch=o.batch)
    batches = iter(DataLoader(stream, batch_size=o.batch, num_workers=o.workers))
    for _ in range(o.warm // o.batch):
        next(batches)
    window = Window()
    for _ in range(o.images // o.batch):
        next(batches)
    return window.end(o.images // o.batch * o.batch)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=None)
    p.add_argument("--preset", default="dead-leaves-pp")
    p.add_argument("--size", type=int, default=128)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--warm", type=int, default=800, help="images before the clock starts")
    p.add_argument("--images", type=int, default=3200, help="images a repeat")
    p.add_argument("--repeats", type=int, default=5)
    o = p.parse_args()
    o.binary = find_binary(o.binary)

    ratios, costs = [], []
    print(f"{o.preset}, {o.size} x {o.size}, batch {o.batch}, {o.workers} workers, {os.cpu_count()} cores")
    print("images/s (CPU seconds a thousand images: generators + Python)")
    for _ in range(o.repeats):
        alone, loaded = renderer(o), loader(o)
        ratios.append(loaded.rate / alone.rate)
        costs.append(alone.total / loaded.total)
        print(f"generate {alone}   loader {loaded}   ratio {ratios[-1]:.2f}, by CPU time {costs[-1]:.2f}", flush=True)
    ratio = statistics.median(ratios)
    print(f"median ratio of the rates {ratio:.2f} (bar {BAR}), by CPU time {statistics.median(costs):.2f}")
    sys.exit(min(ratio, statistics.median(costs)) < BAR)


if __name__ == "__main__":
    main()
