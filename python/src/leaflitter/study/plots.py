"""Plots of a study, as SVG, and its sample crops."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from .._errors import LeafLitterError
from .plan import PHOTOGRAPHS
from .table import Row, RunResult

Pixels = npt.NDArray[np.uint8]


def pyplot() -> Any:
    """matplotlib.pyplot, drawing to files only."""
    try:
        import matplotlib
    except ImportError:
        raise LeafLitterError("the plots of a study need matplotlib: pip install 'leaflitter[train]'") from None
    matplotlib.use("Agg")
    # Labels as text and no date in the file: the same numbers give the same SVG.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "leaflitter", "font.size": 9})
    import matplotlib.pyplot as plt

    return plt


def psnr(path: Path, table: Sequence[Row], results: Sequence[RunResult], sigma: str) -> None:
    """A dot for each seed of each set, a line for the mean; sets from best to worst."""
    plt = pyplot()
    order = sorted(table, key=lambda row: -row.psnr[sigma])
    figure, axes = plt.subplots(figsize=(7, 0.8 + 0.32 * len(order)))
    for y, row in enumerate(order):
        colour = "tab:orange" if row.set == PHOTOGRAPHS else "tab:blue"
        dots = [r.mean(sigma) for r in results if r.set == row.set]
        axes.plot(dots, [y] * len(dots), "o", color=colour, markersize=4)
        axes.plot([row.psnr[sigma]] * 2, [y - 0.3, y + 0.3], "-", color=colour)
    axes.set_yticks(range(len(order)), [row.set for row in order])
    axes.invert_yaxis()
    axes.set_xlabel(f"PSNR at σ = {sigma} in dB")
    axes.grid(axis="x", alpha=0.3)
    _save(figure, path)


def per_image(path: Path, results: Sequence[RunResult], order: Sequence[str], sigma: str) -> None:
    """PSNR of each image less that of photographs (or of the first set there is)."""
    plt = pyplot()
    means: Dict[str, Dict[str, float]] = {}
    for name in order:
        runs = [r.psnr[sigma] for r in results if r.set == name]
        if runs:
            means[name] = {image: sum(r[image] for r in runs) / len(runs) for image in runs[0]}
    base = PHOTOGRAPHS if PHOTOGRAPHS in means else next(iter(means))
    images = list(means[base])
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for name, values in means.items():
        if name != base:
            axes.plot([values[i] - means[base][i] for i in images], marker="o", markersize=3, linewidth=0.8, label=name)
    axes.axhline(0, color="grey", linewidth=0.8)
    axes.set_xticks(range(len(images)), images, rotation=90, fontsize=6)
    axes.set_ylabel(f"PSNR less that of {base}, dB (σ = {sigma})")
    if len(means) > 1:
        axes.legend(fontsize=7)
    _save(figure, path)


def losses(path: Path, logs: Mapping[str, Path]) -> None:
    """The loss of every run against its step, from the log.csv files by name."""
    plt = pyplot()
    figure, axes = plt.subplots(figsize=(7, 3.2))
    for name, log in logs.items():
        if not log.is_file():
            continue  # somebody removed it; the report does without
        steps, values = read_log(log)
        if steps:
            axes.plot(steps, values, linewidth=0.8, label=name)
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel("training loss")
    if axes.lines:
        axes.legend(fontsize=7)
    _save(figure, path)


def read_log(path: Path) -> Tuple[List[int], List[float]]:
    """Steps and losses of a run's log.csv."""
    with open(path, newline="", errors="replace") as file:
        try:
            rows = [(int(row["step"]), float(row["loss"])) for row in csv.DictReader(file)]
        except (KeyError, TypeError, ValueError):
            raise LeafLitterError(f"{path} is no log of a run; remove it, and the report does without") from None
    return [step for step, _ in rows], [loss for _, loss in rows]


def crops(path: Path, pictures: Sequence[Sequence[Tuple[str, Pixels]]]) -> None:
    """A PNG: a row for each image, in it (title, H x W x 3 pixels) side by side, unscaled."""
    plt = pyplot()
    columns = max(len(row) for row in pictures)
    height = pictures[0][0][1].shape[0] / 100
    figure, grid = plt.subplots(len(pictures), columns, figsize=(columns * height * 1.04, len(pictures) * height * 1.28), squeeze=False)
    for row, line in zip(pictures, grid):
        for axes in line:
            axes.axis("off")
        for (title, pixels), axes in zip(row, line):
            axes.imshow(pixels, interpolation="nearest")
            axes.set_title(title, fontsize=6)
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    temporary = path.with_name("." + path.name)
    try:
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(temporary, format=path.suffix[1:], dpi=150, metadata=metadata)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise LeafLitterError(f"{path} cannot be written: {error.strerror}; make room, or choose another --output") from None
    finally:
        pyplot().close(figure)
