"""Evaluations: what is measured, how it is reported, and what goes wrong."""

import json
import os
import pty
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch

from conftest import ROOT
from leaflitter import LeafLitterError
from leaflitter.evaluate import evaluate
from leaflitter.evaluate.__main__ import main
from leaflitter.evaluate.cases import case
from leaflitter.evaluate.robustness import robustness
from leaflitter.evaluate.shifts import NONE, shifts
from leaflitter.networks import Network, Spec, build
from leaflitter.networks.weights import save
from leaflitter.restore.metrics import luma, psnr, ssim
from leaflitter.restore.noise import gaussian, seed_of
from leaflitter.restore.tasks import parse

RNG = np.random.RandomState(2)


def photograph(height=48, width=60):
    return np.uint8(cv2.normalize(cv2.GaussianBlur(RNG.rand(height, width, 3), (0, 0), 2), None, 0, 255, cv2.NORM_MINMAX))


IMAGES = [("a", photograph()), ("b", photograph(50, 41))]


class Same(Network):
    """Gives what it is given, x or its nearest enlargement, and notes how it was called."""

    def __init__(self, spec, value=None):
        super().__init__(spec)
        self.unused = torch.nn.Parameter(torch.zeros(1))
        self.value, self.calls = value, []

    def restored(self, x, sigma):
        self.calls.append((x.clone(), sigma, self.training, torch.is_grad_enabled()))
        out = x.repeat_interleave(self.spec.scale, 2).repeat_interleave(self.spec.scale, 3)
        return out if self.value is None else torch.full_like(out, self.value)


# What is measured


def test_denoising_is_measured_on_rgb_with_each_images_own_noise():
    network = Same(Spec("ffdnet")).train()
    report = evaluate(network, IMAGES, "denoise:25", seed=4)
    for (name, image), row, (x, sigma, training, gradients) in zip(IMAGES, report.rows, network.calls):
        noisy = image / 255 + 25 / 255 * gaussian(image.shape, seed_of(name, 4))
        assert np.abs(x[0].movedim(0, 2).numpy() - noisy).max() < 1e-6  # neither clipped nor rounded
        assert noisy.min() < 0 and noisy.max() > 1
        assert float(sigma) == pytest.approx(25 / 255) and not training and not gradients
        rounded = np.uint8(np.clip(noisy, 0, 1) * 255 + 0.5)
        assert (row.psnr, row.ssim) == pytest.approx((psnr(rounded, image), ssim(rounded, image)), abs=1e-3)
        assert (row.baseline_psnr, row.baseline_ssim) == (row.psnr, row.ssim)
    assert network.training
    assert report.psnr == pytest.approx(np.mean([row.psnr for row in report.rows])) and 20 < report.psnr < 21.5
    assert (report.scored, report.border) == ("RGB", 0)


def test_noise_depends_on_seed_and_name_only():
    def given(name, seed):
        return case(name, IMAGES[0][1], parse("denoise:25"), seed, None).given

    assert torch.equal(given("a", 0), given("a", 0))
    assert not torch.equal(given("a", 0), given("b", 0)) and not torch.equal(given("a", 0), given("a", 1))


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_super_resolution_is_measured_on_y_without_a_border(scale):
    network = Same(Spec("swinir-light", 3, scale))
    report = evaluate(network, IMAGES, f"sr:x{scale}")
    for (name, image), row, (x, sigma, *_) in zip(IMAGES, report.rows, network.calls):
        height, width = (n - n % scale for n in image.shape[:2])
        assert (row.height, row.width) == (height, width) and x.shape[2:] == (height // scale, width // scale) and sigma is None
        levels = x[0].movedim(0, 2).numpy() * 255
        assert np.abs(levels - levels.round()).max() < 1e-4  # the low resolution has 8 bits
        large = np.uint8(levels.round()).repeat(scale, 0).repeat(scale, 1)
        expected = psnr(luma(large), luma(image[:height, :width]), scale), ssim(luma(large), luma(image[:height, :width]), scale)
        assert (row.psnr, row.ssim) == pytest.approx(expected, abs=1e-6)
        assert row.baseline_psnr > row.psnr  # bicubic enlarges smooth images better than repetition
    assert (report.scored, report.border, report.baseline) == ("Y", scale, "bicubic")


def test_grey_and_blind_networks_and_a_border_are_measured():
    grey = [(name, image[..., :1]) for name, image in IMAGES]
    network = Same(Spec("ffdnet", 1, blind=True))
    report = evaluate(network, grey, "denoise:10", border=5)
    assert network.calls[0][1] is None and (report.scored, report.border) == ("grey", 5)
    noisy = case("a", grey[0][1], parse("denoise:10"), 0, 5)
    assert report.rows[0].psnr == psnr(noisy.baseline, noisy.clean, 5)


def test_answers_are_clipped_and_rounded_to_eight_bits():
    white = [("w", np.full((16, 16, 3), 255, np.uint8))]
    assert evaluate(Same(Spec("ffdnet"), 1.7), white, "denoise:5").psnr == float("inf")
    assert evaluate(Same(Spec("ffdnet"), 254.6 / 255), white, "denoise:5").psnr == float("inf")
    assert evaluate(Same(Spec("ffdnet"), 254.4 / 255), white, "denoise:5").psnr == pytest.approx(48.13, abs=0.01)


@pytest.mark.parametrize(
    "spec, value, task, images, words",
    [
        (Spec("ffdnet"), float("nan"), "denoise:5", IMAGES, "not finite for image a"),
        (Spec("ffdnet"), None, "denoise:5-10", IMAGES, "range"),
        (Spec("ffdnet"), None, "sr:x2", IMAGES, "denoises; it cannot be evaluated on sr:x2"),
        (Spec("swinir-light", 3, 3), None, "sr:x2", IMAGES, "is for sr:x3"),
        (Spec("ffdnet"), None, "denoise:5", [], "no images"),
        (Spec("ffdnet"), None, "denoise:5", [("tiny", IMAGES[0][1][:10])], "tiny is 60 x 10; denoise:5 needs at least 11"),
        (Spec("swinir-light", 3, 4), None, "sr:x4", [("tiny", IMAGES[0][1][:19])], "at least 20"),
    ],
)
def test_what_cannot_be_evaluated_is_named(spec, value, task, images, words):
    with pytest.raises(LeafLitterError, match=words):
        evaluate(Same(spec, value), images, task)


def test_networks_compute_in_full_float32_and_settings_come_back():
    seen = []

    class Watching(Same):
        def restored(self, x, sigma):
            seen.append((torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32))
            return x

    before = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    try:
        evaluate(Watching(Spec("ffdnet")), IMAGES[:1], "denoise:5")
        assert seen == [(False, False)]
        assert (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32) == (True, True)
    finally:
        torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32 = before


# Reports


def test_reports_say_how_and_what():
    report = evaluate(Same(Spec("ffdnet")), IMAGES, "denoise:25", label="same", seed=7)
    found = json.loads(json.dumps(report.json(), allow_nan=False))
    assert found["mean"]["psnr"] == report.psnr and [row["name"] for row in found["images"]] == ["a", "b"]
    assert found["spec"] == {"name": "ffdnet", "channels": 3, "scale": 1, "blind": False} and found["seed"] == 7
    text = report.markdown()
    assert "same on denoise:25" in text and "2 images" in text and "seed 7" in text
    assert f"| **mean** | {report.psnr:.2f} | {report.ssim:.4f} |" in text
    assert evaluate(Same(Spec("ffdnet")), IMAGES, "denoise:0").json()["mean"]["psnr"] is None


def test_robustness_compares_networks_under_every_shift():
    networks = {"same": Same(Spec("ffdnet")), "grey": Same(Spec("ffdnet"), 0.5)}
    found = robustness(networks, IMAGES, "denoise:25")
    assert found.shifts == shifts(3) or [str(s) for s in found.shifts] == [str(s) for s in shifts(3)]
    assert found.psnr["same"] == found.baseline
    for label in networks:
        assert found.psnr[label][0] == pytest.approx(evaluate(networks[label], IMAGES, "denoise:25").psnr)
    # Half the contrast halves the distance from grey, nearly: the mean is not exactly 0.5.
    half = [str(s) for s in found.shifts].index("contrast x0.5")
    assert found.psnr["grey"][half] - found.psnr["grey"][0] == pytest.approx(6, abs=1)
    text = found.markdown()
    gap = found.psnr["grey"][half] - found.psnr["same"][half]
    change = gap - (found.psnr["grey"][0] - found.psnr["same"][0])
    assert f"| contrast x0.5 | {gap:+.2f} ({change:+.2f}) |" in text and "**hue, mean**" in text
    assert len(found.json()["shifts"]) == len(shifts(3))
    only = robustness({"same": networks["same"]}, IMAGES, "denoise:25", chosen=shifts(3)[-1:])
    assert only.shifts[0] == NONE and only.psnr["same"] == pytest.approx((found.psnr["same"][0], found.psnr["same"][-1]))
    assert "Difference" not in only.markdown()


# The command


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with photos/ and ffdnet.pt, in which the command runs."""
    torch.manual_seed(0)
    (tmp_path / "photos").mkdir()
    for name, image in IMAGES:
        cv2.imwrite(str(tmp_path / "photos" / f"{name}.png"), image)
    save(build(Spec("ffdnet")), tmp_path / "ffdnet.pt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "python" / "src")}
RUN = ["--weights", "ffdnet.pt", "--images", "photos", "--device", "cpu"]


def test_the_command_writes_both_reports_and_images(place, capsys):
    save(build(Spec("ffdnet", blind=True)), place / "other.pt")
    arguments = [*RUN, "--weights", "other.pt", "--task", "denoise:15", "denoise:25", "--output", "out", "--save-images", "pictures", "--robustness", "--limit", "1"]
    assert main(arguments) == 0
    found = json.loads((place / "out" / "evaluation.json").read_text())
    assert [(r["network"], r["task"]) for r in found["reports"]] == [(n, t) for t in ("denoise:15", "denoise:25") for n in ("ffdnet", "other")]
    assert len(found["robustness"]) == 2 and len(found["reports"][0]["images"]) == 1
    out, err = capsys.readouterr()
    assert "| ffdnet | " in out and "cpu, as asked" in err
    assert out in (place / "out" / "evaluation.md").read_text()
    assert sorted(p.name for p in (place / "out").iterdir()) == ["evaluation.json", "evaluation.md"]
    restored = cv2.imread(str(place / "pictures" / "denoise-25" / "ffdnet" / "a.png"))
    clean = cv2.imread(str(place / "pictures" / "denoise-25" / "clean" / "a.png"))
    assert psnr(restored, clean) == pytest.approx(found["reports"][2]["images"][0]["psnr"])


def test_the_command_runs_as_a_module(place):
    ran = subprocess.run(command("--task", "denoise:15", "--output", "one.json"), env=ENVIRONMENT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert json.loads((place / "one.json").read_text())["reports"][0]["task"] == "denoise:15"
    assert "the noisy image" in ran.stdout and "2 colour image(s)" in ran.stderr


def command(*arguments):
    return [sys.executable, "-W", "ignore", "-m", "leaflitter.evaluate", *RUN, *arguments]


def test_a_terminal_shows_progress_and_a_closed_pipe_ends_quietly(place):
    terminal, end = pty.openpty()
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run(command("--task", "denoise:15"), env=ENVIRONMENT, stdout=writer, stderr=end)
    os.close(end)
    os.close(writer)
    seen = b""
    try:
        while data := os.read(terminal, 4096):
            seen += data
    except OSError:  # Linux says so when the last writer has closed
        pass
    os.close(terminal)
    assert ran.returncode == 1 and b"Traceback" not in seen and b"Exception" not in seen
    assert b"2/2" in seen or b"1/2" in seen or b"0/2" in seen


def test_super_resolution_and_grey_by_the_command(place, capsys):
    save(build(Spec("swinir-light", 3, 2)), place / "sr.pt")
    save(build(Spec("ffdnet", 1)), place / "grey.pt")
    assert main(["--weights", "sr.pt", "--images", "photos", "--task", "sr:x2", "--output", "sr.md"]) == 0
    assert "| bicubic |" in (place / "sr.md").read_text()
    assert main(["--weights", "grey.pt", "--images", "photos", "--task", "denoise:15"]) == 0
    out, err = capsys.readouterr()
    assert "8-bit rounding, grey" in out and "grey image(s)" in err and ("GPU" in err)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--weights", "absent.pt", "--images", "photos", "--task", "denoise:5"], "absent.pt cannot be read"),
        ([*RUN, "--task", "blur:3"], "there is no task 'blur:3'"),
        ([*RUN, "--task", "sr:x2"], "cannot be evaluated on sr:x2"),
        ([*RUN, "--task", "denoise:5", "--images", "nowhere"], "give a folder"),
        ([*RUN, "--task", "denoise:5", "--limit", "0"], "--limit is 0"),
        ([*RUN, "--task", "denoise:5", "--border", "-1"], "--border is -1"),
        ([*RUN, "--task", "denoise:5", "--border", "20"], "a is 60 x 48; denoise:5 needs at least 51"),
        ([*RUN, "--task", "denoise:5", "--device", "warp:9"], "the device 'warp:9' cannot be used"),
        ([*RUN, "--task", "denoise:5", "--output", "no/where/x.json"], "does not exist"),
        ([*RUN, "--task", "denoise:5", "--output", "ffdnet.pt/x"], "cannot be made"),
        ([*RUN, "--task", "denoise:5", "--save-images", "ffdnet.pt/x"], "cannot be made"),
        ([*RUN, "--weights", "grey.pt", "--task", "denoise:5"], "evaluate them apart"),
    ],
)
def test_the_command_ends_with_one_sentence(place, arguments, words, capsys):
    save(build(Spec("ffdnet", 1)), place / "grey.pt")
    before = sorted(place.rglob("*"))
    assert main(arguments) == 2
    err = [line for line in capsys.readouterr().err.splitlines() if "computing on" not in line]
    assert len(err) == 1 and err[0].startswith("leaflitter.evaluate: ") and words in err[0]
    assert sorted(place.rglob("*")) == before
