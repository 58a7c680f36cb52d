"""Networks compared under shifts of the test images."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from .._errors import LeafLitterError
from ..networks import Network
from ..restore.tasks import Task, parse
from .apply import check, evaluating, restored
from .cases import Array, case, scored
from .report import finite, table_head
from .shifts import NONE, Shift, shifts


@dataclass(frozen=True)
class Robustness:
    """Mean PSNR in dB under each shift: psnr[network][shift], the first shift being none.

    baseline[shift] is that of the noisy image or of bicubic.
    """

    task: str
    scored: str
    seed: int
    images: int
    shifts: Tuple[Shift, ...]
    baseline: Tuple[float, ...]
    psnr: Dict[str, Tuple[float, ...]]

    def json(self) -> Dict[str, Any]:
        """A dictionary for json.dump. An infinite PSNR is null."""
        rows = []
        for i, shift in enumerate(self.shifts):
            networks = {label: finite(values[i]) for label, values in self.psnr.items()}
            rows.append({"shift": str(shift), "kind": shift.kind, "amount": shift.amount, "baseline_psnr": finite(self.baseline[i]), "psnr": networks})
        return {"task": self.task, "scored": self.scored, "seed": self.seed, "images": self.images, "shifts": rows}

    def markdown(self) -> str:
        """A table of PSNR with the change from the unshifted images; of several networks also
        the difference from the first under each shift, and its mean over each kind of shift."""
        labels = list(self.psnr)
        baseline = "the noisy image" if self.task.startswith("denoise") else "bicubic"
        lines = [f"### Robustness on {self.task}", ""]
        lines += [f"Mean PSNR of {self.images} images ({self.scored}), in brackets the change from the unshifted images. A shift also makes images easier", "or harder to restore for every network: what tells networks apart is the difference between them.", ""]
        lines += table_head(["shift", baseline, *labels])
        for i, shift in enumerate(self.shifts):
            cells = [_change(values, i) for values in (self.baseline, *self.psnr.values())]
            lines.append(f"| {shift} | " + " | ".join(cells) + " |")
        if len(labels) > 1:
            lines += ["", f"Difference from {labels[0]}, dB; in brackets the change from the unshifted images:", ""]
            lines += table_head(["shift", *labels[1:]])
            gaps = [tuple(a - b for a, b in zip(self.psnr[label], self.psnr[labels[0]])) for label in labels[1:]]
            for i, shift in enumerate(self.shifts):
                lines.append(f"| {shift} | " + " | ".join(_change(gap, i, "+.2f") for gap in gaps) + " |")
            for kind in list(dict.fromkeys(shift.kind for shift in self.shifts))[1:]:
                of_kind = [i for i, shift in enumerate(self.shifts) if shift.kind == kind]
                means = [sum(gap[i] for i in of_kind) / len(of_kind) for gap in gaps]
                cells = [f"{mean:+.2f} ({mean - gap[0]:+.2f})" for mean, gap in zip(means, gaps)]
                lines.append(f"| **{kind}, mean** | " + " | ".join(cells) + " |")
        return "\n".join(lines) + "\n"


def _change(values: Sequence[float], i: int, form: str = ".2f") -> str:
    text = format(values[i], form)
    return text if i == 0 else f"{text} ({values[i] - values[0]:+.2f})"


def robustness(
    networks: Dict[str, Network],
    images: Sequence[Tuple[str, Array]],
    task: Union[Task, str],
    *,
    seed: int = 0,
    border: Optional[int] = None,
    chosen: Optional[Sequence[Shift]] = None,
    done: Optional[Callable[[], None]] = None,
) -> Robustness:
    """Each image shifted, then degraded, then restored by each network (by their labels).

    The noise is the same for all shifts that keep an image's size. chosen are shifts (all of
    them unless given), to which the unshifted images are added. done() is called after each
    image of each shift. Raises LeafLitterError.
    """
    task = parse(task) if isinstance(task, str) else task
    for label, network in networks.items():
        check(network, task, label)
    channels = {network.spec.channels for network in networks.values()}
    if len(channels) != 1 or not images:
        raise LeafLitterError("robustness is compared on images that all networks take; give images, and colour networks or grey ones, not both")
    [channel] = channels
    tried = (NONE, *(shift for shift in (shifts(channel) if chosen is None else chosen) if shift != NONE))
    baseline: List[float] = []
    psnr: Dict[str, List[float]] = {label: [] for label in networks}
    with ExitStack() as stack:
        for network in networks.values():
            stack.enter_context(evaluating(network))
        for shift in tried:
            sums = dict.fromkeys(networks, 0.0)
            plain = 0.0
            for name, image in images:
                given = case(name, shift.apply(image), task, seed, border)
                plain += given.psnr(given.baseline)
                for label, network in networks.items():
                    sums[label] += given.psnr(restored(network, given, label))
                if done:
                    done()
            baseline.append(plain / len(images))
            for label in networks:
                psnr[label].append(sums[label] / len(images))
    return Robustness(str(task), scored(task, channel), seed, len(images), tried, tuple(baseline), {label: tuple(values) for label, values in psnr.items()})
