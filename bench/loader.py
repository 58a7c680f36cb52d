#!/usr/bin/env python3
"""How much of the renderer's rate a PyTorch DataLoader delivers.

By turns, REPEATS times in one run: the generator alone, read and thrown away as quickly as
it writes, and a DataLoader over LeafLitterStream. Both stay open, so that start-up counts in
neither; while one is read the other stands still, its buffers full. A window begins
when what those held is used up. Both use all cores.

Prints images a second and CPU seconds a thousand images, and their ratios; exits with 1
when a median ratio is below BAR. On a machine that is busy otherwise the rates tell how many
processes asked for the cores (the loader's are more): look at the CPU time there.

    python bench/loader.py [--binary bin/leaflitter] [--repeats 7] [--images 1600]
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import Callable, Dict, List

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


def renderer(o: argparse.Namespace) -> Callable[[int], None]:
    """The generator alone: a function that reads so many images."""
    command = [o.binary, "stream", "--quiet", f"--preset={o.preset}", f"--size={o.size}", f"--seed={o.seed}", "--backend=cpu", f"--batch={o.batch}"]
    out = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, bufsize=0, start_new_session=True).stdout
    assert out is not None
    buffer = bytearray(1 << 20)

    def read(images: int) -> None:
        left = images * o.size * o.size * 3
        while left > 0:
            left -= out.readinto(buffer) or sys.exit("the generator ended early")

    return read


def loader(o: argparse.Namespace) -> Callable[[int], None]:
    """A DataLoader: a function that takes so many images from it."""
    stream = LeafLitterStream(preset=o.preset, size=o.size, seed=o.seed, backend="cpu", binary=o.binary, batch=o.batch)
    batches = iter(DataLoader(stream, batch_size=o.batch, num_workers=o.workers))

    def read(images: int) -> None:
        for _ in range(images // o.batch):
            next(batches)

    return read


def measure(read: Callable[[int], None], o: argparse.Namespace) -> Window:
    read(o.ahead)
    window = Window()
    read(o.images)
    window.end(o.images)
    time.sleep(o.rest)  # till its buffers are full again
    return window


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default=None)
    p.add_argument("--preset", default="dead-leaves-pp")
    p.add_argument("--size", type=int, default=128)
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--ahead", type=int, default=640, help="images before each window, more than buffers hold")
    p.add_argument("--rest", type=float, default=3, help="seconds after each window, in which buffers fill")
    p.add_argument("--images", type=int, default=1600, help="images a window")
    p.add_argument("--repeats", type=int, default=7)
    o = p.parse_args()
    o.binary = find_binary(o.binary)

    ratios, costs = [], []
    print(f"{o.preset}, {o.size} x {o.size}, batch {o.batch}, {o.workers} workers, {os.cpu_count()} cores")
    print("images/s (CPU seconds a thousand images: generators + Python)")
    read_alone, read_loader = renderer(o), loader(o)
    for read in (read_alone, read_loader):
        read(o.ahead)  # tables are made when first needed
    for _ in range(o.repeats):
        alone, loaded = measure(read_alone, o), measure(read_loader, o)
        ratios.append(loaded.rate / alone.rate)
        costs.append(alone.total / loaded.total)
        print(f"renderer {alone}   loader {loaded}   ratio {ratios[-1]:.2f}, by CPU time {costs[-1]:.2f}", flush=True)
    ratio = statistics.median(ratios)
    print(f"median ratio of the rates {ratio:.2f} (bar {BAR}), by CPU time {statistics.median(costs):.2f}")
    sys.exit(min(ratio, statistics.median(costs)) < BAR)


if __name__ == "__main__":
    main()
