"""python -m leaflitter.study: its table, its directory, and a study of two sets."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import real_binary
from leaflitter import LeafLitterError
from leaflitter.evaluate import evaluate
from leaflitter.networks import weights
from leaflitter.restore.images import read_folder
from leaflitter.study import Outcome, Study, plots, results, run, table
from leaflitter.study.plan import GPU, SMOKE, training_sets
from leaflitter.study.table import RunResult
from PIL import Image
from training import environment


def result(name, seed, *psnr, shifts=None):
    return RunResult(name, seed, {"25": {f"image {i}": value for i, value in enumerate(psnr)}}, shifts or {})


def test_gaps_and_errors():
    found = [result("photographs", 0, 30, 32), result("photographs", 1, 31, 33), result("leaves", 0, 29, 31), result("leaves", 1, 30, 31), result("leaves", 2, 31, 31)]
    rows = table.rows(found, ["leaves", "unfinished", "photographs"], ["25"])
    assert [row.set for row in rows] == ["leaves", "photographs"]
    leaves, photographs = rows
    assert (leaves.seeds, leaves.psnr["25"], leaves.spread["25"]) == (3, 30.5, 0.5)
    assert photographs.psnr["25"] == 31.5 and photographs.spread["25"] == pytest.approx(0.5**0.5)
    assert leaves.gap["25"] == 1.0 and leaves.gap_error["25"] == pytest.approx((0.25 / 3 + 0.5 / 2) ** 0.5)
    assert photographs.gap["25"] == 0 and photographs.gap_error["25"] is None
    [alone] = table.rows(found[2:3], ["leaves"], ["25"])
    assert (alone.spread["25"], alone.gap["25"], alone.gap_error["25"]) == (None, None, None)


def test_the_table_in_words():
    shifts = {"none": 30.0, "hue 30°": 29.5}
    found = [result("photographs", 0, 31.0), result("leaves", 0, 30.0, shifts=shifts), result("leaves", 1, 30.5, shifts={"none": 31.0, "hue 30°": 29.5})]
    order = ["leaves", "photographs"]
    size = replace(GPU, sigmas=(25.0,))
    text = table.markdown(table.rows(found, order, ["25"]), table.shift_rows(found, order), ["leaves seed 2"], size, {"software": "x"})
    assert "| leaves | 2 | 30.25 ± 0.35 | 0.75 |" in text and "| photographs | 1 | 31.00 |  |" in text
    assert "| hue 30° | 29.50 (-1.00) |" in text and "leaves seed 2" in text and "check of the machinery" not in text
    assert "check of the machinery" in table.markdown([], {}, [], SMOKE, {})
    assert "gap" not in table.markdown(table.rows(found[1:], order, ["25"]), {}, [], size, {}).lower()


def test_training_sets(tmp_path):
    assert [s.name for s in training_sets([], "photos")][:3] == ["dead-leaves", "dead-leaves-pp", "photographs"]
    assert "photographs" not in [s.name for s in training_sets([])]
    presets = subprocess.run([real_binary(), "presets"], capture_output=True, text=True, check=True).stdout
    assert {s.name for s in training_sets([])} == set(re.findall(r"^\S+", presets, re.M)) - {"grey"}
    config = tmp_path / "steep.yaml"
    config.write_text("{}")
    [steep] = training_sets([f"steep={config}"])
    assert (steep.name, steep.kind, steep.value) == ("steep", "config", str(config))
    [others] = training_sets([f"others={tmp_path}"])
    assert (others.name, others.kind, others.value) == ("others", "photographs", str(tmp_path))
    for names, sentence in ((["photographs"], "needs --photographs DIR"), (["a=no.yaml"], "no configuration 'no.yaml'"), ([f"photographs={config}"], "give a configuration another name"), (["../x"], "names no training set"), (["flat", "flat"], "given twice")):
        with pytest.raises(LeafLitterError, match=re.escape(sentence)):
            training_sets(names)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Pictures of disks, in the place of photographs: for training (a) and for evaluation (b)."""
    folder = tmp_path_factory.mktemp("photographs")
    for name, seed in (("a", 1), ("b", 2)):
        command = [real_binary(), "generate", "-o", folder / name, "--count", "3", "--preset", "dead-leaves", "--size", "40", f"--seed={seed}", "--quiet"]
        subprocess.run(command, check=True)
    return folder


def small(photographs: Path, output: Path, *sets: str, patch=16, crop=24, **more) -> Study:
    size = replace(SMOKE, iterations=3, batch=2, patch=patch, sigmas=(25.0,), images=2, crop=crop)
    return Study(output, photographs / "b", tuple(training_sets(sets, str(photographs / "a"))), size, binary=str(real_binary()), threads=1, device="cpu", **more)


def test_a_study_in_pieces(photographs, tmp_path):
    """Stopped after each run, it ends with the report of one that was not stopped."""
    sets = ("dead-leaves", "photographs")
    whole = small(photographs, tmp_path / "whole", *sets, shifts=True)
    outcome = run(whole)
    assert (outcome.finished, outcome.total, outcome.failed) == (2, 2, ())
    report = outcome.report.read_text()
    assert "| dead-leaves | 1 |" in report and "| rotation 7° |" in report and "Not finished" not in report
    for name in re.findall(r"\]\((.*?)\)", report):
        assert (tmp_path / "whole" / name).stat().st_size > 1000
    for plot in (tmp_path / "whole").glob("*.svg"):
        assert "dead-leaves" in plot.read_text()
    data = json.loads((tmp_path / "whole" / "report.json").read_text())
    assert [row["set"] for row in data["table"]] == list(sets) and len(data["runs"][0]["psnr"]["25"]) == 2

    pieces = replace(whole, output=tmp_path / "pieces")
    assert run(replace(pieces, minutes=1e-9)) == Outcome(None, 0, 2, ())
    run(replace(pieces, sets=pieces.sets[:1]))
    at = (tmp_path / "pieces" / "dead-leaves" / "seed-0" / "evaluation.json").stat().st_mtime_ns
    assert run(pieces).report.read_text() == report
    assert (tmp_path / "pieces" / "dead-leaves" / "seed-0" / "evaluation.json").stat().st_mtime_ns == at
    assert results(pieces) == results(whole)
    with pytest.raises(LeafLitterError, match=r"other settings \(batch, images, evaluated_on\)"):
        run(replace(pieces, size=replace(pieces.size, batch=3, images=1)))


def test_a_report_without_pictures(photographs, tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "pyplot", None)
    report = run(small(photographs, tmp_path / "study", "dead-leaves", plots=False)).report
    assert "| dead-leaves | 1 |" in report.read_text() and "![" not in report.read_text()
    assert {path.name for path in report.parent.iterdir()} == {"dead-leaves", "report.json", "report.md", "study.json"}


def test_unfinished_runs_are_named(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves", "photographs")
    run(replace(study, sets=study.sets[:1]))
    outcome = run(study, only_report=True)
    assert (outcome.finished, outcome.total) == (1, 2)
    assert "Not finished, and not in the table: photographs seed 0." in outcome.report.read_text()


def test_a_changed_configuration_is_noticed(photographs, tmp_path):
    config = tmp_path / "steep.yaml"
    config.write_text("preset: dead-leaves\n")
    study = small(photographs, tmp_path / "study", f"steep={config}", "photographs")
    assert run(study).finished == 2
    config.write_text("preset: dead-leaves\nleaves: {r_min: 3}\n")
    outcome = run(study)
    assert outcome.finished == 1 and len(outcome.failed) == 1 and "contents of config" in outcome.failed[0]
    report = outcome.report.read_text()
    assert "Failed: steep seed 0 (the run in" in report and "| steep |" not in report and "| photographs | 1 |" in report
    shutil.rmtree(tmp_path / "study" / "steep")
    assert run(study).failed == ()


def test_what_is_left_is_not_called_finished(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves")
    assert run(study).finished == 1
    shifted = replace(study, shifts=True)
    assert (run(replace(shifted, minutes=1e-9)).finished, run(shifted).finished) == (0, 1)


def test_lost_options_are_written_again(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves")
    run(study)
    folder = tmp_path / "study" / "dead-leaves" / "seed-0"
    (folder / "options.json").unlink()
    assert run(study).finished == 1 and (folder / "options.json").exists()
    (folder / "evaluation.json").write_text("{")
    assert run(study).finished == 1
    json.loads((folder / "evaluation.json").read_text())


def test_a_run_trained_anew_is_evaluated_anew(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves")
    run(study)
    folder = tmp_path / "study" / "dead-leaves" / "seed-0"
    (folder / "evaluation.json").write_text(json.dumps({"psnr": {"25": {"x": 1.0}}, "shifts": {}, "weights": "of others"}))
    run(study)
    assert len(json.loads((folder / "evaluation.json").read_text())["psnr"]["25"]) == 2


def test_a_run_that_fails_does_not_keep_the_others(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves", "photographs")
    folder = tmp_path / "study" / "dead-leaves" / "seed-0"
    folder.mkdir(parents=True)
    (folder / "checkpoint.pt").write_bytes(b"no checkpoint")
    outcome = run(study)
    assert (outcome.finished, len(outcome.failed)) == (1, 1) and "cannot be read" in outcome.failed[0]
    assert "| photographs | 1 |" in outcome.report.read_text()


def test_what_can_be_known_before_is_said_before(photographs, tmp_path):
    for study, sentence in (
        (small(photographs, tmp_path / "study", "dead-leaves", "typo"), "typo"),
        (small(photographs, tmp_path / "study", "dead-leaves", "photographs", patch=48), "less than the patch of 48"),
        (replace(small(photographs, tmp_path / "study", "dead-leaves"), size=replace(SMOKE, precision="tf32")), "tf32 is of NVIDIA"),
        (replace(small(photographs, tmp_path / "study", "dead-leaves"), device="cuda:9"), "cuda:9"),
        (small(photographs, tmp_path / "study", "dead-leaves", crop=10), "needs at least 11 pixels"),
        (small(photographs, tmp_path / "study", "dead-leaves", crop=20, shifts=True), "needs at least 11 pixels"),
    ):
        with pytest.raises(LeafLitterError, match=sentence):
            run(study)
        assert not (tmp_path / "study").exists()
    with pytest.raises(LeafLitterError, match="there is no study in"):
        run(small(photographs, tmp_path / "study", "dead-leaves"), only_report=True)


def test_the_noise_is_that_of_the_evaluation(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves", crop=0)
    run(study)
    found = evaluate(weights.load(tmp_path / "study" / "dead-leaves" / "seed-0" / "weights.pt"), read_folder(photographs / "b")[:2], "denoise:25")
    assert results(study)[0].psnr["25"] == {row.name: row.psnr for row in found.rows}


def test_a_failed_run_does_not_end_the_loop(photographs, tmp_path):
    """75 while there are runs to go on with, 2 when only what failed is left."""
    folder = tmp_path / "study" / "dead-leaves" / "seed-0"
    folder.mkdir(parents=True)
    (folder / "checkpoint.pt").write_bytes(b"no checkpoint")
    line = [sys.executable, "-m", "leaflitter.study", "--smoke", f"--output={tmp_path / 'study'}", f"--images={photographs / 'b'}", f"--binary={real_binary()}", "--device=cpu", "--sets", "dead-leaves", "flat", "--iterations=1000000", "--batch=2", "--patch=16"]
    done = subprocess.run([*line, "--minutes=0.05"], env=environment(), capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (75, "0 of 2 runs are finished\n"), done.stderr
    done = subprocess.run([*line, "--sets", "dead-leaves"], env=environment(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 2 and "1 of 1 runs failed" in done.stderr and "Traceback" not in done.stderr


def test_the_command(photographs, tmp_path):
    def command(*more):
        line = [sys.executable, "-m", "leaflitter.study", "--smoke", f"--output={tmp_path / 'study'}", f"--images={photographs / 'b'}", f"--binary={real_binary()}", "--device=cpu", *more]
        return subprocess.run(line, env=environment(), capture_output=True, text=True, timeout=300)

    done = command("--sets", "dead-leaves", "--iterations=2", "--batch=2", "--patch=16", "--seeds=2")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 of 2 runs are finished: ")
    text = Path(done.stdout.strip().split(": ")[1]).read_text()
    assert "| dead-leaves | 2 |" in text and "check of the machinery" in text
    few = subprocess.run([sys.executable, "-m", "leaflitter.study", "--gpu", f"--output={tmp_path / 'few'}", f"--images={photographs / 'b'}", f"--binary={real_binary()}", "--device=cpu", "--sets", "dead-leaves", "--iterations=1", "--batch=2", "--patch=16", "--seeds=1", "--no-shifts"], env=environment(), capture_output=True, text=True, timeout=300)
    assert few.returncode == 0 and "check of the machinery" in (tmp_path / "few" / "report.md").read_text(), few.stderr
    for more, sentence in (
        (["--sets", "photographs"], "needs --photographs DIR"),
        (["--sets", "dead-leaves", "--iterations=0"], "iterations is 0"),
        (["--seeds=0"], "seeds is 0; give 1 to 1000"),
        (["--minutes=0"], "minutes is 0"),
        ([f"--images={tmp_path / 'nothing'}"], "nothing"),
        (["--network=swinir-light"], "swinir-light of scale 1 does not exist"),
        ([f"--photographs={photographs / 'b'}"], "both trained on and evaluated on"),
    ):
        done = command(f"--output={tmp_path / 'other'}", *more)
        assert done.returncode == 2 and sentence in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not (tmp_path / "other").exists()
    done = command(f"--output={tmp_path / 'short'}", "--sets", "dead-leaves", "--minutes=0.0001")
    assert (done.returncode, done.stdout) == (75, "0 of 1 runs are finished\n")
    for text, sentence in (("{", "study.json cannot be read"), ("{}", "study.json is not of a study")):
        (tmp_path / "study" / "study.json").write_text(text)
        done = command("--report", "--sets", "dead-leaves")
        assert done.returncode == 2 and sentence in done.stderr


def test_plots_are_the_same_again(tmp_path):
    found = [result("photographs", 0, 31.0, 30.0), result("leaves", 0, 30.0, 29.0)]
    rows = table.rows(found, ["leaves", "photographs"], ["25"])
    for name in ("a.svg", "b.svg"):
        plots.psnr(tmp_path / name, rows, found, "25")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    plots.per_image(tmp_path / "c.svg", found, ["leaves", "photographs"], "25")
    plots.crops(tmp_path / "d.png", [[("x", np.zeros((8, 8, 3), np.uint8))], [("y", np.full((8, 8, 3), 255, np.uint8))]])
    assert Image.open(tmp_path / "d.png").size[1] > 8
    with pytest.raises(LeafLitterError, match="cannot be written"):
        plots.psnr(tmp_path / "nowhere" / "a.svg", rows, found, "25")
