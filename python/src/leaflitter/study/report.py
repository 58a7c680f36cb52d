"""The report of a study: report.md, report.json, plots and sample crops."""

from __future__ import annotations

import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Dict, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from .. import _device, _files
from ..evaluate import evaluate
from ..networks import weights
from . import plots, record, table

if TYPE_CHECKING:
    from pathlib import Path

    from . import Study

Pixels = npt.NDArray[np.uint8]
_CROPS, _SIDE = 4, 128


def write(study: Study, results: Sequence[table.RunResult], images: Sequence[Tuple[str, Pixels]], failed: Sequence[str]) -> Path:
    """Write the report of the finished runs, of which there is one at least, into the study's directory; the path of report.md.

    Raises LeafLitterError when the disk is full.
    """
    unfinished = _unfinished(study, results)
    order = [s.name for s in study.sets]
    sigmas = [f"{s:g}" for s in study.size.sigmas]
    middle = "25" if "25" in sigmas else sigmas[0]
    rows = table.rows(results, order, sigmas)
    shifts = table.shift_rows(results, order)
    about = _about(study, images)
    found: Dict[str, Any] = {
        "about": about, "size": study.size.asdict(), "table": [asdict(row) for row in rows], "shifts": shifts,
        "runs": [asdict(r) for r in results], "unfinished": unfinished, "failed": list(failed),
    }  # fmt: skip
    record.write(study.output / "report.json", found)
    text = table.markdown(rows, shifts, unfinished, study.size, about)
    if failed:
        text += "\nFailed: " + "; ".join(failed) + "\n"
    if study.plots:
        _pictures(study, results, images, rows, middle)
        text += "\n".join(["", "![PSNR by set](psnr.svg)", "![PSNR by image](images.svg)", "![losses](losses.svg)", "![crops](crops.png)", ""])
    with _files.whole(study.output / "report.md") as file:
        file.write(text.encode())
    return study.output / "report.md"


def _pictures(study: Study, results: Sequence[table.RunResult], images: Sequence[Tuple[str, Pixels]], rows: Sequence[table.Row], middle: str) -> None:
    order = [s.name for s in study.sets]
    plots.psnr(study.output / "psnr.svg", rows, results, middle)
    plots.per_image(study.output / "images.svg", results, order, middle)
    plots.losses(study.output / "losses.svg", {f"{r.set}, seed {r.seed}": study.folder(r.set, r.seed) / "log.csv" for r in results})
    plots.crops(study.output / "crops.png", _crops(study, results, images, middle))


def _unfinished(study: Study, results: Sequence[table.RunResult]) -> List[str]:
    finished = {(r.set, r.seed) for r in results}
    return [f"{s.name} seed {seed}" for s, seed in study.runs() if (s.name, seed) not in finished]


def _about(study: Study, images: Sequence[Tuple[str, Pixels]]) -> Dict[str, Any]:
    import torch

    size = study.size
    crop = f", the {size.crop} x {size.crop} pixels of the middle" if size.crop else ""
    return {
        "training": f"batch {size.batch}, {size.patch} x {size.patch}, σ {size.sigma[0]:g} to {size.sigma[1]:g}, {size.precision}",
        "evaluation": f"{len(images)} images{crop}, one noise draw an image, 8-bit rounding, RGB",
        "palettes": study.palette or "the built-in set",
        "software": f"PyTorch {torch.__version__}, Python {platform.python_version()}",
    }


def _crops(study: Study, results: Sequence[table.RunResult], images: Sequence[Tuple[str, Pixels]], sigma: str) -> List[List[Tuple[str, Pixels]]]:
    """The middle of some images spread over the set: clean, noisy, and by the first seed of each set.

    The PSNR beside a set's name is that of the whole image.
    """
    chosen = [(name, _middle(image)) for name, image in images[:: max(1, len(images) // _CROPS)][:_CROPS]]
    device = _device.choose(study.device)[0]
    first = {r.set: r for r in reversed(results)}
    lines: Dict[str, List[Tuple[str, Pixels]]] = {}

    for name in [s.name for s in study.sets if s.name in first]:
        network = weights.load(study.folder(name, first[name].seed) / "weights.pt").to(device)

        def done(image: str, case: Any, restored: Pixels, name: str = name) -> None:
            line = lines.setdefault(image, [("clean", case.clean), (f"σ = {sigma}", case.baseline)])
            line.append((f"{name}\n{first[name].psnr[sigma][image]:.2f} dB", restored))

        evaluate(network, chosen, f"denoise:{sigma}", done=done)
    return list(lines.values())


def _middle(image: Pixels) -> Pixels:
    top, left = (max(0, (n - _SIDE) // 2) for n in image.shape[:2])
    return np.ascontiguousarray(image[top : top + _SIDE, left : left + _SIDE])
