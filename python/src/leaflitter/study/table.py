"""The one table of a study: PSNR by training set, and the gap to photographs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from .plan import PHOTOGRAPHS, Size


@dataclass(frozen=True)
class RunResult:
    """One finished run: psnr[sigma][image] in dB, shifts[name] the mean PSNR of shifted images."""

    set: str
    seed: int
    psnr: Dict[str, Dict[str, float]]
    shifts: Dict[str, float]

    def mean(self, sigma: str) -> float:
        values = list(self.psnr[sigma].values())
        return sum(values) / len(values)


@dataclass(frozen=True)
class Row:
    """A training set in the table; the dictionaries are by sigma, in dB.

    psnr is the mean over seeds and images; spread the standard deviation over seeds, None
    for one seed. gap is photographs minus this set, None where photographs are not there;
    gap_error its standard error from the seeds of both sets, None when either has one.
    """

    set: str
    seeds: int
    psnr: Dict[str, float]
    spread: Dict[str, Optional[float]]
    gap: Dict[str, Optional[float]]
    gap_error: Dict[str, Optional[float]]


def moments(values: Sequence[float]) -> Tuple[float, Optional[float]]:
    """Mean, and standard deviation with n - 1, None for one value."""
    mean = sum(values) / len(values)
    if len(values) < 2:
        return mean, None
    return mean, math.sqrt(sum((v - mean) ** 2 for v in values) / (len(values) - 1))


def rows(results: Sequence[RunResult], order: Sequence[str], sigmas: Sequence[str]) -> List[Row]:
    """A row for each set of ``order`` that has a finished run."""
    by_set: Dict[str, List[RunResult]] = {}
    for result in results:
        by_set.setdefault(result.set, []).append(result)
    photographs = by_set.get(PHOTOGRAPHS, [])
    out = []
    for name in order:
        runs = by_set.get(name, [])
        if not runs:
            continue
        psnr: Dict[str, float] = {}
        spread: Dict[str, Optional[float]] = {}
        gap: Dict[str, Optional[float]] = {}
        error: Dict[str, Optional[float]] = {}
        for sigma in sigmas:
            mean, sd = moments([r.mean(sigma) for r in runs])
            psnr[sigma], spread[sigma], gap[sigma], error[sigma] = mean, sd, None, None
            if photographs:
                best, best_sd = moments([r.mean(sigma) for r in photographs])
                gap[sigma] = best - mean
                if name != PHOTOGRAPHS and sd is not None and best_sd is not None:
                    error[sigma] = math.sqrt(sd**2 / len(runs) + best_sd**2 / len(photographs))
        out.append(Row(name, len(runs), psnr, spread, gap, error))
    return out


def shift_rows(results: Sequence[RunResult], order: Sequence[str]) -> Dict[str, Dict[str, float]]:
    """Mean PSNR over seeds by set and shift, of the sets whose every run has shifts."""
    out: Dict[str, Dict[str, float]] = {}
    for name in order:
        runs = [r.shifts for r in results if r.set == name]
        if runs and all(runs):
            common = [shift for shift in runs[0] if all(shift in r for r in runs)]
            out[name] = {shift: sum(r[shift] for r in runs) / len(runs) for shift in common}
    return out


def decibels(value: Optional[float], error: Optional[float] = None, digits: int = 2) -> str:
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    return text if error is None else f"{text} ± {error:.{digits}f}"


def markdown(table: Sequence[Row], shifts: Dict[str, Dict[str, float]], unfinished: Sequence[str], size: Size, about: Dict[str, Any]) -> str:
    """The report of a study as Markdown."""
    sigmas = [f"{s:g}" for s in size.sigmas]
    lines = [f"# Study: {size.network}, {size.iterations:,} iterations a run", ""]
    if not size.claims:
        lines += [
            "**This run is a check of the machinery.** Networks that are trained so little do not tell training sets apart: no number",
            "below says anything about them.",
            "",
        ]
    lines += [f"* {name}: {value}" for name, value in about.items()] + [""]
    head = ["trained on", "seeds", *(f"σ = {s}" for s in sigmas)]
    has_gap = any(g is not None for row in table for g in row.gap.values())
    if has_gap:
        head += [f"gap at {s}" for s in sigmas]
    lines += ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in table:
        cells = [row.set, str(row.seeds), *(decibels(row.psnr[s], row.spread[s]) for s in sigmas)]
        if has_gap:
            cells += ["" if row.set == PHOTOGRAPHS else decibels(row.gap[s], row.gap_error[s]) for s in sigmas]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "PSNR in dB: mean over images and seeds ± standard deviation over seeds."]
    if has_gap:
        lines += ["Gap: photographs minus this set, ± its standard error over seeds; positive when photographs are better."]
    if unfinished:
        lines += ["", "Not finished, and not in the table: " + "; ".join(unfinished) + ". The same command goes on."]
    if shifts:
        names = list(next(iter(shifts.values())))
        lines += ["", "## Under shifts of the photographs", "", "Mean PSNR in dB at σ = 25, and in brackets the change from unshifted photographs.", ""]
        lines += ["| shift | " + " | ".join(shifts) + " |", "|" + "---|" * (len(shifts) + 1)]
        for shift in names:
            cells = []
            for values in shifts.values():
                change = values[shift] - values[names[0]]
                cells.append(decibels(values[shift]) + ("" if shift == names[0] else f" ({change:+.2f})"))
            lines.append(f"| {shift} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
