"""python -m leaflitter.evaluate: networks measured on a folder of photographs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from .. import _device, _files
from .._errors import LeafLitterError
from .._main import guarded
from ..networks import Network
from ..networks.weights import load
from ..restore import images as photographs
from ..restore.tasks import parse
from . import evaluate, files
from .apply import check
from .cases import Array, Case, fits
from .report import Report, summary
from .robustness import Robustness, robustness
from .shifts import shifts

_COMMAND = "leaflitter.evaluate"


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m " + _COMMAND,
        description="PSNR and SSIM of networks on photographs: 8-bit rounding; RGB for denoising, Y without a border for super-resolution.",
    )
    parser.add_argument("--weights", nargs="+", action="extend", required=True, metavar="FILE", help="weights or checkpoints of leaflitter.train, or published FFDNet checkpoints; several are compared")
    parser.add_argument("--images", required=True, metavar="DIR", help="a folder of photographs; converted to grey for grey networks")
    parser.add_argument("--task", nargs="+", action="extend", required=True, metavar="TASK", help="denoise:SIGMA (8-bit standard deviation), sr:x2, sr:x3 or sr:x4")
    parser.add_argument("--robustness", action="store_true", help="also under rotations, rescaling, exposure, contrast and hue shifts")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N images by name")
    parser.add_argument("--seed", type=int, default=0, help="of the noise (default 0); each image has its own noise")
    parser.add_argument("--border", type=int, metavar="PIXELS", help="left out at each side (default: 0, for super-resolution the scale)")
    parser.add_argument("--device", help="auto, cpu, cuda or cuda:N (default auto: a GPU if there is one)")
    parser.add_argument("--no-ema", action="store_true", help="of checkpoints take the last weights, not their moving average")
    parser.add_argument("--output", metavar="PATH", help="a .json or .md file, or a folder for both; without it Markdown is printed")
    parser.add_argument("--save-images", metavar="DIR", help="write restored images, the given ones and the clean ones as PNG")
    return parser


def main(argv: Optional[Sequence[str]] = None) -> int:
    """The command; returns its exit status, 2 after one sentence on what is wrong."""
    options = arguments().parse_args(argv)

    def body() -> int:
        _run(options)
        return 0

    return guarded(_COMMAND, body, "stopped; nothing was written to --output")


def _run(options: Any) -> None:
    for name, value, least in (("--limit", options.limit, 1), ("--border", options.border, 0), ("--seed", options.seed, 0)):
        if value is not None and value < least:
            raise LeafLitterError(f"{name} is {value}; it is {least} or more")
    tasks = [parse(text) for text in dict.fromkeys(options.task)]
    device, why = _device.choose(options.device)
    networks = {label: load(path, ema=not options.no_ema).to(device) for label, path in _labels(options.weights).items()}
    for label, network in networks.items():
        for task in tasks:
            check(network, task, label)
    if len({network.spec.channels for network in networks.values()}) > 1:
        raise LeafLitterError("some of the networks are for colour and some for grey images; evaluate them apart")
    channels = next(iter(networks.values())).spec.channels
    found = photographs.read_folder(options.images, grey=channels == 1)[: options.limit]
    for task in tasks:
        for name, image in found:
            fits(name, image, task, options.border)
    if options.save_images:
        _files.folder(options.save_images)
    reserved = {"clean", "baseline"} & networks.keys()
    if options.save_images and reserved:
        raise LeafLitterError(f"weights named {reserved.pop()!r} would write their images where the clean and the given ones go; rename the file")
    outputs = files.prepare(options.output) if options.output else []
    print(f"{_COMMAND}: {len(networks)} network(s) on {len(found)} {'colour' if channels == 3 else 'grey'} image(s), computing on {why}", file=sys.stderr)

    reports: List[Report] = []
    robust: List[Robustness] = []
    shifted = len(shifts(channels)) if options.robustness else 0
    with _Progress(len(tasks) * len(found) * (len(networks) + shifted)) as progress:
        for task in tasks:
            for label, network in networks.items():

                def done(name: str, case: Case, out: Array, label: str = label) -> None:
                    progress.step()
                    if options.save_images:
                        _save(Path(options.save_images), label, case, out)

                reports.append(evaluate(network, found, task, label=label, seed=options.seed, border=options.border, done=done))
            if options.robustness:
                robust.append(robustness(networks, found, task, seed=options.seed, border=options.border, done=progress.step))

    short = "\n".join([summary(reports), *(r.markdown() for r in robust)])
    whole = short + "\n" + "\n".join(report.markdown() for report in reports)
    result: Dict[str, Any] = {"format": "leaflitter-evaluation", "version": 1, "reports": [r.json() for r in reports], "robustness": [r.json() for r in robust]}
    files.write(outputs, result, whole)
    print(short if outputs else whole, end="", flush=True)


def _labels(paths: Sequence[str]) -> Dict[str, str]:
    """Short names of files of weights: without folder and ending where that tells them apart."""
    paths = list(dict.fromkeys(paths))
    stems = [Path(path).stem for path in paths]
    return {stem if stems.count(stem) == 1 else path: path for stem, path in zip(stems, paths)}


def _save(folder: Path, label: str, case: Case, out: Array) -> None:
    folder = folder / str(case.task).replace(":", "-")
    files.picture(folder / label.replace("/", "_") / f"{case.name}.png", out)
    files.picture(folder / "baseline" / f"{case.name}.png", case.baseline)
    files.picture(folder / "clean" / f"{case.name}.png", case.clean)


class _Progress:
    """A progress bar of images where a person looks on."""

    def __init__(self, total: int) -> None:
        self.bar: Any = None
        if sys.stderr.isatty():
            try:
                from tqdm import tqdm
            except ImportError:
                raise LeafLitterError("tqdm, which shows progress, is not installed; run: pip install 'leaflitter[train]'") from None
            self.bar = tqdm(total=total, unit="image", leave=False)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: Any) -> None:
        if self.bar is not None:
            self.bar.close()

    def step(self) -> None:
        if self.bar is not None:
            self.bar.update()


if __name__ == "__main__":
    sys.exit(main())
