"""The report of a study on a CPU: report.md, report.json and plots."""

from __future__ import annotations

import platform
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from ... import _files
from .. import plots, record
from ..plan import PHOTOGRAPHS
from ..table import Row, RunResult, decibels
from . import table
from .plan import Run, Size

if TYPE_CHECKING:
    from . import Study


def write(study: Study, runs: Sequence[Run], results: Sequence[RunResult], seconds: Sequence[float], failed: Sequence[str]) -> Path:
    """Write the report of the finished runs, of which there is one at least; the path of report.md.

    seconds are what each result took of processors. Raises LeafLitterError when the disk is full.
    """
    order = [s.name for s in study.sets]
    sigmas = [f"{s:g}" for s in study.size.sigmas]
    middle = "25" if "25" in sigmas else sigmas[0]
    rows = table.rows(results, order, sigmas)
    done = {(r.set, r.seed) for r in results}
    unfinished = [r.name for r in runs if (r.set.name, r.seed) not in done]
    minutes = {name: [t / 60 for r, t in zip(results, seconds) if r.set == name] for name in order}
    precision = table.precision(results, sigmas)
    about = _about(study, runs[0])
    found: Dict[str, Any] = {
        "about": about, "size": runs[0].size.asdict(), "table": [asdict(row) for row in rows], "precision": [asdict(p) for p in precision], "core_minutes": minutes,
        "runs": [asdict(r) for r in results], "unfinished": unfinished, "failed": list(failed),
    }  # fmt: skip
    record.write(study.output / "report.json", found)
    text = markdown(rows, precision, minutes, runs[0].size, about)
    text += f"\nOrder at σ = {middle}, > where two neighbours differ by more than three standard errors: {table.ordered(results, order, middle)}.\n"
    if unfinished:
        text += "\nNot finished, and not in the table: " + "; ".join(unfinished) + ". The same command goes on.\n"
    if failed:
        text += "\nFailed: " + "; ".join(failed) + "\n"
    if study.plots:
        plots.psnr(study.output / "psnr.svg", rows, results, middle)
        plots.per_image(study.output / "images.svg", results, order, middle)
        text += "\n![PSNR by set](psnr.svg)\n![PSNR by image](images.svg)\n"
    with _files.whole(study.output / "report.md") as file:
        file.write(text.encode())
    return study.output / "report.md"


def markdown(rows: Sequence[Row], precision: Sequence[table.Precision], minutes: Dict[str, List[float]], size: Size, about: Dict[str, str]) -> str:
    sigmas = [f"{s:g}" for s in size.sigmas]
    lines = [f"# Study on a CPU: {size.steps:,} steps a run", ""]
    if size.steps < Size.steps:
        lines += [f"**With fewer than {Size.steps:,} steps** a run has not learnt enough to tell sets apart as a longer one does: the numbers check the machinery.", ""]
    lines += [f"* {name}: {value}" for name, value in about.items()] + [""]
    gaps = any(g is not None for row in rows for g in row.gap.values())
    head = ["trained on", "seeds", *(f"σ = {s}" for s in sigmas), *(f"gap at {s}" for s in sigmas if gaps), "core-minutes a run"]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = [row.set, str(row.seeds), *(decibels(row.psnr[s], row.spread[s]) for s in sigmas)]
        if gaps:
            cells += ["" if row.set == PHOTOGRAPHS else decibels(row.gap[s], row.gap_error[s], 3) for s in sigmas]
        lines.append("| " + " | ".join([*cells, f"{sum(minutes[row.set]) / len(minutes[row.set]):.1f}"]) + " |")
    lines += ["", "PSNR in dB: mean over photographs and seeds ± standard deviation over seeds."]
    if gaps:
        lines += ["Gap: photographs minus this set, ± its standard error: runs of the same seed are compared (same first weights, noise and places of"]
        lines += ["patches, other generated images), the mean of these differences is the gap, and their standard deviation over √seeds its error."]
        lines += [f"For 95 % take {_factor(rows)} standard errors (Student's t). The photographs that train are the same in all seeds."]
    runs, spent = sum(map(len, minutes.values())), sum(map(sum, minutes.values()))
    a_run = spent / runs
    lines += ["", f"The {runs} finished runs took {spent:.1f} core-minutes, {a_run:.1f} each, the drawing of images and the judging among them."]
    for p in precision:
        lines += [f"σ = {p.sigma}: gaps scatter by {p.spread:.3f} dB over seeds; {p.seeds} seeds make {table.RESOLVED} dB three standard errors, {p.seeds * a_run:.0f} core-minutes a set."]
    return "\n".join(lines) + "\n"


def _factor(rows: Sequence[Row]) -> str:
    factors = sorted({t for row in rows for t in [table.student(row.seeds)] if t is not None})
    return "no number of (there is one seed)" if not factors else " or ".join(f"{t:g}" for t in factors)


def _about(study: Study, run: Run) -> Dict[str, str]:
    import torch

    size = run.size
    judges = f"photographs of {study.images}" if study.images else f"photographs of the half of {study.photographs} that does not train"
    colours = {"photographs": "of the photographs that train", "built-in": "the built-in set"}.get(study.palette, study.palette)
    return {
        "network": f"{size.network}, {'grey' if size.grey else 'colour'}, told the level; batch {size.batch}, {size.patch} x {size.patch}, Adam {size.rate:g} to 0 by a cosine, {size.precision}",
        "training": f"{run.count} images a set, generated ones {run.width} x {run.height} and others in each seed",
        "judged by": f"{len(run.judges)} {judges}, the first by the hashes of their names; one noise draw each, 8-bit rounding, {'grey' if size.grey else 'RGB'}",
        "palettes": colours,
        "software": f"PyTorch {torch.__version__}, Python {platform.python_version()}",
    }
