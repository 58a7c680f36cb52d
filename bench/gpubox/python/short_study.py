#!/usr/bin/env python3
"""The study in the time that is left: dead-leaves, dead-leaves-pp and photographs, one seed each, as many steps as the rate allows.

    python3 bench/gpubox/python/short_study.py --seconds 180 --rate training.json --photographs DIR --images DIR --json FILE

FFDNet as in python -m leaflitter.study --gpu, but for the number of steps, which follows from
the rate in the JSON file of bench/training.py (measured anew where that is of another size) and
from --seconds, all in all. Last comes dead-leaves-pp with another seed: how far two runs of one
set are apart says which differences between sets mean nothing. The JSON file is whole after every run.

A directory of photographs that is not there is said, and done without: nothing is then trained on
photographs, or generated images stand for those that networks are evaluated on. --smoke is a size
for two cores and claims nothing.
"""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "..", "python", "src"), os.path.join(HERE, "..", ".."), HERE]

from program import Trouble, guarded, needs, say, speak_plainly, write

if __name__ == "__main__":
    speak_plainly()
needs("short_study", "numpy", "torch", "PIL")
import torch
import training
from leaflitter import LeafLitterError, find_binary
from leaflitter.evaluate import evaluate
from leaflitter.evaluate.cases import case
from leaflitter.networks import Spec, build
from leaflitter.restore import images as files
from leaflitter.restore.tasks import parse
from leaflitter.study import Interrupted, Study, evaluation_images, results, run
from leaflitter.study.plan import GPU, PHOTOGRAPHS, SMOKE, Size, training_sets
from PIL import Image

SETS = ("dead-leaves", "dead-leaves-pp", PHOTOGRAPHS)
CONTROL = "dead-leaves-pp"  # trained a second time
SMOKE_STEPS, LEAST = 10, 100
START = 10.0  # seconds of a run before its first step and after its last, without evaluation: generators start twice, files are read
SPARE = 0.9  # part of the rate to count on: it was another run's
KEPT = 0.95  # part of the time to plan for
FLOOR = 0.1  # dB; one pair of runs may be close by chance


def rate(given: argparse.Namespace, size: Size) -> "Tuple[float, str]":
    """Images a second in training, and where that number comes from."""
    name = os.path.basename(given.rate or "")
    if given.rate and os.path.exists(given.rate):
        try:
            with open(given.rate) as file:
                found = json.load(file)
            measured = float(found["live_images_per_s"])
            same = all(found[name] == getattr(size, name) for name in ("network", "batch", "patch", "precision"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Trouble(f"{name} holds no rate ({error}); give what bench/training.py --json wrote, or leave --rate out") from None
        if same and measured > 0 and not found.get("smoke"):
            return measured, name
        say(f"{name} is of another size; measuring anew")
    elif given.rate:
        say(f"there is no {name}; measuring")
    wanted = argparse.Namespace(
        network=size.network, batch=size.batch, patch=size.patch, precision=size.precision, preset="dead-leaves-pp",
        device=given.device, backend=given.backend, threads=None, binary=given.binary, rows=2,
    )  # fmt: skip
    return float(training.measured(wanted, 0, 20, 0.5, "give a faster --device, or --smoke")["images_per_s"]), "measured before the study"


def evaluating(study: Study) -> float:
    """Seconds that the evaluation of a run takes: one image at one level of noise, times all."""
    images = evaluation_images(study)
    device = torch.device("cuda" if study.device in ("auto", None) and torch.cuda.is_available() else "cpu" if study.device == "auto" else study.device)
    network = build(Spec(study.size.network, 3)).to(device)
    for _ in range(2):  # the first time warms up
        began = time.monotonic()
        evaluate(network, images[:1], "denoise:25")
    return (time.monotonic() - began) * len(images) * len(study.size.sigmas)


def noisy(study: Study) -> Dict[str, float]:
    """Mean PSNR of the noisy images by noise level: what a network that has learned nothing comes near."""
    images, found = evaluation_images(study), {}
    for sigma in study.size.sigmas:
        cases = [case(name, image, parse(f"denoise:{sigma:g}"), 0, None) for name, image in images]
        found[f"{sigma:g}"] = sum(one.psnr(one.baseline) for one in cases) / len(cases)
    return found


def steps(given: argparse.Namespace, size: Size, study: Study, runs: int, began: float) -> "Tuple[int, Dict[str, Any]]":
    """How many steps of each run there is time for, and what that follows from."""
    if given.smoke:
        return SMOKE_STEPS, {}
    images, source = rate(given, size)
    evaluation = evaluating(study)
    left = KEPT * given.seconds - (time.monotonic() - began) - runs * (START + evaluation)
    count = int(SPARE * images * left / runs / size.batch)
    if count < LEAST:
        raise Trouble(f"at {images:.0f} images/s {given.seconds:g} seconds are enough for {max(0, count)} steps of {runs} runs, and fewer than {LEAST} are not worth the time; give more --seconds")
    return min(count, GPU.iterations), {"images_per_s": images, "rate_from": source, "evaluation_s": evaluation}


def directories(given: argparse.Namespace, folder: Path, notes: List[str]) -> "Tuple[Path, str]":
    """Images to evaluate on, and photographs to train on ("" for none); notes says what stands for what."""
    photographs = given.photographs if given.photographs and os.path.isdir(given.photographs) else ""
    if not photographs:
        notes.append(f"there are no photographs to train on ({'none were packed, or --photographs names no directory' if given.photographs else 'none were given'}): only generated images were trained on")
    if given.images and os.path.isdir(given.images):
        return Path(given.images), photographs
    notes.append(f"there are no photographs to evaluate on ({'none were packed, or --images names no directory' if given.images else 'none were given'}): images of dead-leaves-pp stand for them, and what follows says nothing about photographs")
    images = folder / "images"
    command = [find_binary(given.binary), "generate", "-o", str(images), "--preset=dead-leaves-pp", "--count=6", "--size=256", "--seed=1000003", f"--backend={given.backend}", "--overwrite", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"images to evaluate on cannot be generated ({(done.stderr.strip() or 'no word').splitlines()[-1]}); give --images DIR")
    return images, photographs


def sizes(folder: str) -> "List[Tuple[int, int]]":
    """Width and height of the images in a directory, from their heads: reading all of each takes the time of many steps."""
    found = []
    for path in files.paths(folder):
        try:
            with Image.open(path) as image:
                found.append(image.size)
        except Exception:  # Pillow's, of many kinds
            files.read(path)  # says what is wrong with it
            raise
    return found


def counted(found: "List[Tuple[int, int]]") -> Dict[str, Any]:
    """How many images these sizes are of, and the smallest and the largest by pixels."""
    by_pixels = sorted(found, key=lambda size: (size[0] * size[1], size))
    return {"count": len(found), "smallest": list(by_pixels[0]), "largest": list(by_pixels[-1])} if found else {"count": 0}


def numbered(count: Dict[str, Any]) -> str:
    if not count["count"]:
        return "none"
    smallest, largest = ("{} x {}".format(*count[name]) for name in ("smallest", "largest"))
    return f"{count['count']}, of {smallest + ' to ' + largest if smallest != largest else smallest} pixels"


def decibels(values: Dict[str, float]) -> str:
    return ", ".join(f"{value:.2f} dB at σ = {sigma}" for sigma, value in values.items())


def claim(rows: List[Dict[str, Any]], count: int) -> Dict[str, Any]:
    """What the numbers allow to say: dB by noise level below which a difference between sets means nothing, and a sentence."""
    psnr = {(row["set"], row["seed"]): row["psnr"] for row in rows if "psnr" in row}
    a, b = psnr.get((CONTROL, 0)), psnr.get((CONTROL, 1))
    start = f"{count:,} steps of the study's {GPU.iterations:,}, one seed a set: "
    if a is None or b is None:
        return {"means_nothing_below_db": None, "sentence": start + "what another seed would change is not known, so no difference between sets means anything."}
    least = {sigma: max(FLOOR, 3 * abs(a[sigma] - b[sigma])) for sigma in a}
    return {
        "means_nothing_below_db": least,
        "sentence": f"{start}differences below {decibels(least)} mean nothing (three times what two seeds of {CONTROL} differ by, {FLOOR:g} dB at least); larger ones are of networks trained so long and no longer.",
    }


def told(given: argparse.Namespace) -> int:
    """Everything, errors of the package as one sentence."""
    if not given.smoke and not 60 <= (given.seconds or 0) <= 36000:
        raise Trouble(f"--seconds is {given.seconds}; give 60 to 36000, or --smoke")
    try:
        with tempfile.TemporaryDirectory() as folder:
            return studied(given, Path(given.output or folder))
    except LeafLitterError as error:
        raise Trouble(str(error)) from None
    except Interrupted as stopped:
        return 128 + stopped.signal


def studied(given: argparse.Namespace, folder: Path) -> int:
    began = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    notes: List[str] = []
    images, photographs = directories(given, folder, notes)
    trained = counted([])
    if photographs:
        try:
            trained = counted(sizes(photographs))
        except LeafLitterError as error:  # the other sets are worth their time
            photographs = ""
            notes.append(f"the photographs cannot be trained on ({error}): only generated images were trained on")
    for note in notes:
        say(note)
    base = dataclasses.replace(SMOKE, images=2) if given.smoke else GPU
    # One level of noise, that of the published tables: a score takes the time of many steps.
    base = dataclasses.replace(base, seeds=1, sigmas=(25.0,), claims=False)
    sets = training_sets([name for name in SETS if name != PHOTOGRAPHS or photographs], photographs)
    study = Study(output=folder / "study", images=images, sets=tuple(sets), size=base, device=given.device, backend=given.backend, binary=given.binary, plots=False)
    runs = [(training_set, 0) for training_set in sets] + [(s, 1) for s in sets if s.name == CONTROL]
    evaluated = counted([(image.shape[1], image.shape[0]) for _, image in evaluation_images(study)])
    say(f"photographs to train on: {numbered(trained)}; images to evaluate on: {numbered(evaluated)}")
    count, plan = steps(given, base, study, len(runs), began)
    study = dataclasses.replace(study, size=dataclasses.replace(base, iterations=count))
    say(f"{count} steps of {base.batch} images for each of {len(runs)} runs")
    baseline = noisy(study)
    say("the noisy images have " + decibels(baseline))
    report: Dict[str, Any] = {
        "smoke": given.smoke, "seconds_given": given.seconds, "steps": count, "of": GPU.iterations, "size": study.size.asdict(), "pytorch": torch.__version__,
        "plan": plan, "notes": notes, "photographs": trained, "evaluated_on": evaluated, "noisy": baseline, "rows": [],
    }  # fmt: skip
    for training_set, seed in runs:
        left = None if given.smoke else max(0.01, KEPT * given.seconds - (time.monotonic() - began))
        one = dataclasses.replace(study, sets=(training_set,), size=dataclasses.replace(study.size, seeds=seed + 1), minutes=left and left / 60)
        start = time.monotonic()
        row: Dict[str, Any] = {"set": training_set.name, "seed": seed}
        outcome = run(one)
        found = [r for r in results(one) if r.seed == seed]
        if found:
            row["psnr"] = {sigma: found[0].mean(sigma) for sigma in found[0].psnr}
        else:
            row["error"] = "; ".join(outcome.failed) or "the time was over before all steps were done"
        row["seconds"] = time.monotonic() - start
        report["rows"].append(row)
        report["claim"] = {"sentence": "a smoke run claims nothing"} if given.smoke else claim(report["rows"], count)
        report["seconds"] = time.monotonic() - began
        write(given.json, report)
        say(f"{row['set']}, seed {seed}: {decibels(row['psnr']) if 'psnr' in row else row['error']} ({row['seconds']:.0f} s)")
    say(report["claim"]["sentence"])
    if given.output:
        run(study, only_report=True)  # of all sets
    return 0 if all("psnr" in row for row in report["rows"]) else 1


def main() -> int:
    p = argparse.ArgumentParser(description="The study with as many steps as there is time for.")
    p.add_argument("--seconds", type=float, help="for everything, 60 to 36000")
    p.add_argument("--rate", metavar="FILE", help="JSON of bench/training.py, whose rate live is counted on")
    p.add_argument("--photographs", metavar="DIR", help="photographs to train on")
    p.add_argument("--images", metavar="DIR", help="photographs to evaluate on")
    p.add_argument("--output", metavar="DIR", help="directory of the study (default: one that is removed)")
    p.add_argument("--json", metavar="FILE", help="the report, whole after every run")
    p.add_argument("--device", default="auto")
    p.add_argument("--backend", default="auto")
    p.add_argument("--binary")
    p.add_argument("--smoke", action="store_true", help=f"{SMOKE_STEPS} steps of a size for two cores; claims nothing")
    given = p.parse_args()
    return guarded("short_study", lambda: told(given))


if __name__ == "__main__":
    sys.exit(main())
