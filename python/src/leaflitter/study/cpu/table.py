"""The table of a study on a CPU: gaps are between runs of the same seed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Tuple

from ..plan import PHOTOGRAPHS
from ..table import Row, RunResult, moments

RESOLVED = 0.05  # dB that are to be three standard errors
# Student's t that 95 % of draws keep within, for 1, 2, ... degrees of freedom.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)


@dataclass(frozen=True)
class Precision:
    """How far gaps scatter at a level: the standard deviation over seeds of a set's gap, over all sets in the mean of squares.

    seeds is how many would make RESOLVED three standard errors, 2 at least.
    """

    sigma: str
    spread: float
    seeds: int


def rows(results: Sequence[RunResult], order: Sequence[str], sigmas: Sequence[str]) -> List[Row]:
    """A row for each set of ``order`` that has a finished run.

    Runs of a seed share first weights, noise and places: the gap is the mean of their
    differences, over the seeds that both sets have, and its standard error is that of this mean.
    """
    found = {name: {r.seed: r for r in results if r.set == name} for name in order}
    out = []
    for name in order:
        runs = found[name]
        if not runs:
            continue
        row = Row(name, len(runs), {}, {}, {}, {})
        for s in sigmas:
            row.psnr[s], row.spread[s] = moments([r.mean(s) for r in runs.values()])
            row.gap[s], row.gap_error[s] = difference(found.get(PHOTOGRAPHS, {}), runs, s)
            if name == PHOTOGRAPHS:
                row.gap_error[s] = None
        out.append(row)
    return out


def difference(a: Dict[int, RunResult], b: Dict[int, RunResult], sigma: str) -> Tuple[Optional[float], Optional[float]]:
    """a minus b over the seeds that both have, and its standard error; None where there are too few."""
    values = _paired(a, b, sigma)
    if not values:
        return None, None
    mean, spread = moments(values)
    return mean, None if spread is None else spread / math.sqrt(len(values))


def _paired(a: Dict[int, RunResult], b: Dict[int, RunResult], sigma: str) -> List[float]:
    return [a[seed].mean(sigma) - b[seed].mean(sigma) for seed in sorted(a.keys() & b.keys())]


def precision(results: Sequence[RunResult], sigmas: Sequence[str]) -> List[Precision]:
    """What the scatter of gaps is, by level; empty where no set has a gap in two seeds."""
    by_set: Dict[str, Dict[int, RunResult]] = {}
    for r in results:
        by_set.setdefault(r.set, {})[r.seed] = r
    photographs = by_set.pop(PHOTOGRAPHS, {})
    out = []
    for s in sigmas:
        gaps = [_paired(photographs, runs, s) for runs in by_set.values()]
        squares = sum((moments(g)[1] or 0.0) ** 2 * (len(g) - 1) for g in gaps if len(g) > 1)
        freedom = sum(len(g) - 1 for g in gaps if len(g) > 1)
        if freedom:
            spread = math.sqrt(squares / freedom)
            out.append(Precision(s, spread, max(2, math.ceil((3 * spread / RESOLVED) ** 2))))
    return out


def ordered(results: Sequence[RunResult], order: Sequence[str], sigma: str) -> str:
    """The sets from best to worst: > where neighbours differ by three standard errors, else ≈."""
    found = {name: {r.seed: r for r in results if r.set == name} for name in order}
    best = sorted((row for row in rows(results, order, [sigma])), key=lambda row: -row.psnr[sigma])
    text = best[0].set if best else ""
    for a, b in zip(best, best[1:]):
        gap, error = difference(found[a.set], found[b.set], sigma)
        text += f" {'>' if gap is not None and error is not None and gap > 3 * error else '≈'} {b.set}"
    return text


def student(seeds: int) -> Optional[float]:
    """How many standard errors hold 95 % of draws, of so many seeds."""
    return None if seeds < 2 else _T[seeds - 2] if seeds - 2 < len(_T) else 2.0
