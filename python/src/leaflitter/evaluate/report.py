"""What an evaluation found, as JSON and as Markdown."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..networks import Spec


@dataclass(frozen=True)
class Row:
    """One image: PSNR in dB and SSIM of the network's answer, and of the baseline."""

    name: str
    width: int
    height: int
    psnr: float
    ssim: float
    baseline_psnr: float
    baseline_ssim: float


@dataclass(frozen=True)
class Report:
    """A network on a task: its row for each image, and how it was measured.

    scored is RGB, Y or grey; baseline says what the baseline is.
    """

    network: str
    spec: Spec
    task: str
    scored: str
    border: int
    seed: int
    baseline: str
    rows: Tuple[Row, ...]

    @property
    def psnr(self) -> float:
        """The mean of the images' PSNR, dB."""
        return self._mean("psnr")

    @property
    def ssim(self) -> float:
        return self._mean("ssim")

    @property
    def baseline_psnr(self) -> float:
        return self._mean("baseline_psnr")

    @property
    def baseline_ssim(self) -> float:
        return self._mean("baseline_ssim")

    def _mean(self, field: str) -> float:
        return float(sum(getattr(row, field) for row in self.rows)) / len(self.rows)

    def json(self) -> Dict[str, Any]:
        """A dictionary for json.dump. An infinite PSNR, which JSON lacks, is null."""
        fields = ("psnr", "ssim", "baseline_psnr", "baseline_ssim")
        out = asdict(self)
        out["images"] = [{key: finite(value) for key, value in row.items()} for row in out.pop("rows")]
        out["mean"] = {field: finite(getattr(self, field)) for field in fields}
        return out

    def markdown(self) -> str:
        """A table of the images and their mean, the conditions above."""
        lines = [f"### {self.network} on {self.task}", "", self.conditions(), ""]
        lines += table_head(["image", "PSNR", "SSIM", f"PSNR of {self.baseline}", f"SSIM of {self.baseline}"])
        for row in self.rows:
            lines.append(_line(row.name, row.psnr, row.ssim, row.baseline_psnr, row.baseline_ssim))
        lines.append(_line("**mean**", self.psnr, self.ssim, self.baseline_psnr, self.baseline_ssim))
        return "\n".join(lines) + "\n"

    def conditions(self) -> str:
        """How it was measured, one sentence."""
        noise = f", noise of seed {self.seed}" if self.task.startswith("denoise") else ""
        border = f", a border of {self.border} left out" if self.border else ""
        return f"{self.spec}; {len(self.rows)} images, 8-bit rounding, {self.scored}{border}{noise}."


def finite(value: Any) -> Any:
    """The value, or None for a float that JSON lacks."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table_head(titles: Sequence[str]) -> List[str]:
    """The first two lines of a Markdown table whose numbers stand to the right."""
    return ["| " + " | ".join(titles) + " |", "|---|" + "---:|" * (len(titles) - 1)]


def _line(name: str, psnr: float, ssim: float, baseline_psnr: float, baseline_ssim: float) -> str:
    return f"| {name} | {psnr:.2f} | {ssim:.4f} | {baseline_psnr:.2f} | {baseline_ssim:.4f} |"


def summary(reports: Sequence[Report]) -> str:
    """A table of mean PSNR / SSIM: a row for each network, a column for each task, baselines first."""
    tasks = list(dict.fromkeys(report.task for report in reports))
    networks = list(dict.fromkeys(report.network for report in reports))
    found: Dict[Tuple[str, str], Report] = {(report.network, report.task): report for report in reports}

    def cell(report: Optional[Report]) -> str:
        return f"{report.psnr:.2f} / {report.ssim:.4f}" if report else ""

    lines = table_head(["PSNR (dB) / SSIM", *tasks])
    first = [next(report for report in reports if report.task == task) for task in tasks]
    for baseline in dict.fromkeys(report.baseline for report in first):
        cells = [f"{r.baseline_psnr:.2f} / {r.baseline_ssim:.4f}" if r.baseline == baseline else "" for r in first]
        lines.append(f"| {baseline} | " + " | ".join(cells) + " |")
    for network in networks:
        lines.append(f"| {network} | " + " | ".join(cell(found.get((network, task))) for task in tasks) + " |")
    return "\n".join(lines) + "\n"
