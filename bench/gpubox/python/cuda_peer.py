#!/usr/bin/env python3
"""A CUDA peer of leaflitter's cover stage: each pixel walks the leaves, front to back, until one holds it.

    python3 bench/gpubox/python/cuda_peer.py DIR [--json FILE] [--repeats 20] [--batch 16]

DIR is what gpubox peers -dump wrote: the same leaves, and each pixel's leaf as leaflitter's
CPU backend has it. The kernel is ours, from the sentence above, for numba. It comes in two
versions: as anybody would write it, where the compiler may contract dx * dx + dy * dy to one
rounding less, and with each operation rounded by itself. The leaves of both are compared:
pixels that differ are counted, and so is how far the farthest is from the edge of a leaf. A
pixel that is not on an edge is an error. Timed by CUDA's events after a warm-up: one image,
and --batch times the same one in one launch. The JSON file is whole after every row.

Without a GPU: NUMBA_ENABLE_CUDASIM=1 runs it in numba's simulator, for sizes of some dozen
pixels; its times mean nothing.
"""

import argparse
import json
import operator
import os
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from program import Trouble, guarded, needs, say, speak_plainly, write

if __name__ == "__main__":
    speak_plainly()
needs("cuda_peer", "numpy")
import numpy as np

# Of the square of a radius: both versions round three times at most, each by 2^-24.
EDGE = 1e-6
RECORD = np.dtype([(name, "<f4") for name in ("x", "y", "r", "cos", "sin", "a", "b")] + [("shape", "<u4")])


def read(folder: Path) -> "Tuple[Dict[str, Any], Any, Any]":
    """What a row is about, its leaves and its ids (size x size)."""
    try:
        about = json.loads((folder / "about.json").read_text())
        size, count = int(about["size"]), int(about["leaves"])
        leaves, ids = np.fromfile(folder / "leaves.bin", RECORD), np.fromfile(folder / "ids.bin", "<u4")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{folder.name} holds no leaves that can be read ({error}); gpubox peers -dump writes them") from None
    if len(leaves) != count or len(ids) != size * size:
        raise Trouble(f"{folder.name} holds {len(leaves)} leaves and {len(ids)} ids instead of {count} and {size * size}; let gpubox peers -dump write it again")
    if (leaves["shape"] & 3).any():
        raise Trouble(f"{folder.name} holds leaves that are no disks; let gpubox peers -dump write it again")
    return about, leaves, ids.reshape(size, size)


cuda: Any = None  # numba's, once it is asked for: its simulator wants the kernels to find it by this name


def plain(xs, ys, areas, ids):  # type: ignore[no-untyped-def]
    """The kernel as anybody would write it. Words of 32 bits without a sign make numba's loop as short as CUDA C's."""
    column, row, image = cuda.grid(3)
    if row >= ids.shape[1] or column >= ids.shape[2]:
        return
    x, y = np.float32(column) + np.float32(0.5), np.float32(row) + np.float32(0.5)
    i, count, leaf = np.uint32(0), np.uint32(xs.shape[0]), np.uint32(0)
    while i < count:
        dx, dy = x - xs[i], y - ys[i]
        i = np.uint32(i + np.uint32(1))
        if dx * dx + dy * dy <= areas[np.uint32(i - np.uint32(1))]:
            leaf = i
            break
    ids[image, row, column] = leaf


def rounded(mul: Callable[[Any, Any], Any], add: Callable[[Any, Any], Any]) -> Callable[..., None]:
    """The same kernel with a product and a sum that the compiler may not make one of."""

    def kernel(xs, ys, areas, ids):  # type: ignore[no-untyped-def]
        column, row, image = cuda.grid(3)
        if row >= ids.shape[1] or column >= ids.shape[2]:
            return
        x, y = np.float32(column) + np.float32(0.5), np.float32(row) + np.float32(0.5)
        i, count, leaf = np.uint32(0), np.uint32(xs.shape[0]), np.uint32(0)
        while i < count:
            dx, dy = x - xs[i], y - ys[i]
            i = np.uint32(i + np.uint32(1))
            if add(mul(dx, dx), mul(dy, dy)) <= areas[np.uint32(i - np.uint32(1))]:
                leaf = i
                break
        ids[image, row, column] = leaf

    return kernel


def compared(leaves: Any, expected: Any, found: Any) -> Dict[str, Any]:
    """How many pixels differ, and how far the farthest of them is from the edge of the leaf that is in question.

    That leaf is the nearer of the two: one side says that it holds the pixel, the other that
    it does not. The distance is that of the squares, as a part of the radius's square.
    """
    rows, columns = np.nonzero(expected != found)
    if not len(rows):
        return {"differ": 0, "farthest": 0.0, "example": ""}
    ours, theirs = expected[rows, columns].astype(np.int64), found[rows, columns].astype(np.int64)
    beyond = np.iinfo(np.int64).max
    question = np.minimum(np.where(ours == 0, beyond, ours), np.where(theirs == 0, beyond, theirs))
    if question.max() > len(leaves):
        far = np.full(len(rows), np.inf)
    else:
        leaf = leaves[question - 1]
        dx = (columns.astype(np.float32) + np.float32(0.5) - leaf["x"]).astype(np.float64)
        dy = (rows.astype(np.float32) + np.float32(0.5) - leaf["y"]).astype(np.float64)
        with np.errstate(divide="ignore"):
            far = abs((dx * dx + dy * dy) / leaf["a"].astype(np.float64) - 1)
    worst = int(far.argmax())
    example = f"column {columns[worst]}, row {rows[worst]}: leaf {theirs[worst]} instead of {ours[worst]}"
    return {"differ": len(rows), "farthest": float(min(far[worst], 1e9)), "example": example}


def device() -> "Tuple[str, Dict[str, Any]]":
    """The device in words, and the kernels for it."""
    global cuda
    nvcc = shutil.which("nvcc")
    if nvcc:  # numba's compiler comes with it, and is not found everywhere without a hint
        os.environ.setdefault("CUDA_HOME", str(Path(nvcc).resolve().parents[1]))
    try:
        if not hasattr(np, "row_stack"):  # gone from NumPy 2.5, and numba-cuda beside numba 0.68 asks for it
            np.row_stack = np.vstack  # type: ignore[attr-defined]
        from numba import __version__, config
        from numba import cuda as found
    except ImportError as error:
        raise Trouble(f"the CUDA peer is written for numba, which this Python cannot import ({error}); run: pip install numba numba-cuda") from None
    cuda = found
    if config.ENABLE_CUDASIM:
        name, rounds = f"numba {__version__}'s simulator, no GPU", (operator.mul, operator.add)
    elif not cuda.is_available():
        raise Trouble("numba finds no CUDA device on this machine, or not the NVVM of a CUDA toolkit; run it where nvidia-smi lists a GPU, or try it with NUMBA_ENABLE_CUDASIM=1")
    else:
        from numba.cuda import libdevice

        own = cuda.get_current_device().name
        name, rounds = f"{own.decode() if isinstance(own, bytes) else own}, numba {__version__}", (libdevice.fmul_rn, libdevice.fadd_rn)
    return name, {"plain": cuda.jit(plain), "rounded": cuda.jit(rounded(*rounds))}


def measured(kernel: Any, leaves: Any, expected: Any, repeats: int, batch: int) -> Dict[str, Any]:
    """ms an image of one version, alone and in a batch, and how its leaves compare."""
    arrays = [cuda.to_device(np.ascontiguousarray(leaves[name])) for name in ("x", "y", "a")]
    height, width = expected.shape
    side, row = 16, {}
    for name, images in (("ms", 1), ("batch_ms", batch)):
        ids = cuda.to_device(np.full((images, height, width), 2**32 - 1, np.uint32))
        bound = kernel[((width + side - 1) // side, (height + side - 1) // side, images), (side, side)]
        bound(*arrays, ids)  # compiles, and warms up
        took = []
        for _ in range(repeats):
            begin, end = cuda.event(), cuda.event()
            begin.record()
            bound(*arrays, ids)
            end.record()
            end.synchronize()
            took.append(begin.elapsed_time(end) / images)
        row[name] = {"median": statistics.median(took), "least": min(took), "most": max(took)}
        found = [compared(leaves, expected, image) for image in ids.copy_to_host()]
        row.update(max(found, key=lambda one: (one["farthest"], one["differ"])))  # all images are the same one
    return row


def main(arguments: "List[str] | None" = None) -> int:
    p = argparse.ArgumentParser(description="Brute force in CUDA on the leaves that gpubox peers -dump wrote, ids checked.")
    p.add_argument("folder", metavar="DIR", type=Path, help="what gpubox peers -dump wrote")
    p.add_argument("--json", metavar="FILE", help="the report, whole after every row")
    p.add_argument("--repeats", type=int, default=20, help="times that each is timed (default 20)")
    p.add_argument("--batch", type=int, default=16, help="images of one launch in the batched times (default 16)")
    given = p.parse_args(arguments)
    return guarded("cuda_peer", lambda: run(given))


def run(given: argparse.Namespace) -> int:
    for name in ("repeats", "batch"):
        if not 1 <= getattr(given, name) <= 1000:
            raise Trouble(f"--{name} is {getattr(given, name)}; give 1 to 1000")
    folders = sorted((path.parent for path in given.folder.glob("r_min-*/about.json")), key=lambda path: -float(path.name[6:]))
    if not folders:
        raise Trouble(f"there are no leaves in {given.folder.name}; gpubox peers -dump writes them")
    name, kernels = device()
    say(f"{name}; each pixel walks the leaves until one holds it")
    report: Dict[str, Any] = {"device": name, "batch": given.batch, "repeats": given.repeats, "edge": EDGE, "rows": []}
    wrong = []
    for folder in folders:
        about, leaves, expected = read(folder)
        for version, kernel in kernels.items():
            row: Dict[str, Any] = {"r_min": about["r_min"], "size": about["size"], "leaves": len(leaves), "version": version}
            try:
                row.update(measured(kernel, leaves, expected, given.repeats, given.batch))
            except Exception as error:  # the driver's and the compiler's, of many kinds; the next row may work
                row["error"] = f"{type(error).__name__}: {error}"[:2000]
            report["rows"].append(row)
            write(given.json, report)
            say(sentence(row, expected.size, given.batch))
            if "error" in row or row["farthest"] > EDGE:
                wrong.append(f"r_min {row['r_min']:g} {version}")
    if wrong:
        raise Trouble(f"{len(wrong)} of {len(report['rows'])} rows failed or have other leaves away from any edge, as said above: {', '.join(wrong)}")
    return 0


def sentence(row: Dict[str, Any], pixels: int, batch: int) -> str:
    start = f"r_min {row['r_min']:g}, {row['leaves']} leaves, {row['version']}: "
    if "error" in row:
        return start + str(row["error"]).splitlines()[0]
    times = "{median:.4g} ms [{least:.4g}, {most:.4g}]"
    text = start + f"{times.format(**row['ms'])}, in batches of {batch} {times.format(**row['batch_ms'])}; "
    if not row["differ"]:
        return text + f"all {pixels} ids equal"
    where = "on edges" if row["farthest"] <= EDGE else "AWAY FROM ANY EDGE"
    return text + f"{row['differ']} of {pixels} ids differ, {where} (farthest {row['farthest']:.2g} of r^2; {row['example']})"


if __name__ == "__main__":
    sys.exit(main())
