"""python -m leaflitter.study --cpu: its runs, whatever breaks them off, and a study of three sets."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import real_binary, until
from leaflitter import LeafLitterError
from leaflitter.evaluate import evaluate
from leaflitter.networks import weights
from leaflitter.restore.images import read_all
from leaflitter.study.__main__ import main
from leaflitter.study.cpu import Study, prepare, run, side_by_side, work
from leaflitter.study.cpu import photographs as halves
from leaflitter.study.cpu.plan import Size
from leaflitter.study.plan import training_sets
from training import environment, same, state

SMALL = Size(steps=6, batch=2, patch=12, seeds=1, sigmas=(15.0, 25.0), count=3, judges=2, grey=True)


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Pictures of disks, in the place of photographs, some upright; and others of another generator."""
    folder = tmp_path_factory.mktemp("photographs")
    for name, size, seed, count in (("all", "32x24", 1, 8), ("upright", "24x32", 2, 4), ("others", "40x30", 3, 4)):
        command = [real_binary(), "generate", "-o", folder / name, "--count", str(count), "--preset", "dead-leaves", "--size", size, f"--seed={seed}", "--quiet"]
        subprocess.run(command, check=True)
    for path in (folder / "upright").glob("*.png"):
        path.rename(folder / "all" / f"upright-{path.name}")
    return folder


def small(photographs: Path, output: Path, *sets: str, size=SMALL, **more) -> Study:
    return Study(output, photographs / "all", tuple(training_sets(sets or ["dead-leaves"], str(photographs / "all"))), size, plots=False, binary=str(real_binary()), jobs=1, **more)


def runs(study: Study):
    return prepare.prepared(study, False)[0]


def same_run(a: Path, b: Path) -> bool:
    """Whether two runs came to the same weights, optimiser and result, to the last bit."""
    x, y = state(a), state(b)
    results = [json.loads((folder / "result.json").read_text()) for folder in (a, b)]
    return all(same(x[k], y[k]) for k in ("step", "weights", "optimizer")) and (a / "weights.pt").read_bytes() == (b / "weights.pt").read_bytes() and all(results[0][k] == results[1][k] for k in ("psnr", "images", "weights"))


def stops_after(calls: int):
    """asked() of a run that is told to stop at its so-manieth question."""
    left = [calls]

    def asked() -> bool:
        left[0] -= 1
        return left[0] < 0

    return asked


@pytest.mark.parametrize("more", [{}, {"precision": "bf16", "grey": False}], ids=["fp32 grey", "bf16 colour"])
def test_exact_resume(photographs, tmp_path, more):
    """Told to stop while images are drawn (three questions), and after every step."""
    size = replace(SMALL, **more)
    [whole], [pieces] = (runs(small(photographs, tmp_path / name, "dead-leaves", size=size)) for name in ("whole", "pieces"))
    assert work.carry_out(whole, lambda: False)
    assert not work.carry_out(pieces, stops_after(1)) and not (pieces.folder / "checkpoint.pt").exists()
    for step in range(1, size.steps):
        assert not work.carry_out(pieces, stops_after(size.count))
        assert state(pieces.folder)["step"] == step and work.result(pieces) is None
    assert work.carry_out(pieces, stops_after(size.count))
    assert same_run(whole.folder, pieces.folder)
    [other] = runs(small(photographs, tmp_path / "other", "photographs", size=size))
    assert work.carry_out(other, lambda: False) and not same_run(whole.folder, other.folder)


def test_a_call_too_short_for_a_step_does_one(photographs, tmp_path):
    [one] = runs(small(photographs, tmp_path))
    assert not work.carry_out(one, lambda: False, end=0.0) and state(one.folder)["step"] == 1


def test_killed_and_stopped(photographs, tmp_path):
    """SIGKILL and SIGTERM to the command: its children stop too, and the same command ends as one that nobody disturbed."""
    sets, steps = ("dead-leaves", "photographs"), 800

    def command(output):
        line = [sys.executable, "-m", "leaflitter.study", "--cpu", "--grey", f"--output={output}", f"--photographs={photographs / 'all'}", f"--binary={real_binary()}", "--no-plots", "--jobs=2"]
        return [*line, "--sets", *sets, f"--iterations={steps}", "--batch=2", "--patch=12", "--seeds=1", "--count=3", "--judges=2"]

    folder = tmp_path / "broken" / "dead-leaves" / "seed-0"
    for number in (signal.SIGKILL, signal.SIGTERM):
        seen = changed(folder / "checkpoint.pt", 0)
        with subprocess.Popen(command(tmp_path / "broken"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
            until(lambda: changed(folder / "checkpoint.pt", seen) or child.poll() is not None, "no checkpoint comes", 120)
            before = state(folder)["step"]
            child.send_signal(number)
            said = child.stderr.read()
        assert child.returncode in (-9, 143), said
        until(lambda: free(folder), "the runs go on after their parent", 60)
        assert before <= state(folder)["step"] < steps
    assert "Traceback" not in said and "stopped by a signal" in said
    for output in ("broken", "whole"):
        done = subprocess.run(command(tmp_path / output), env=environment(), capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
    for name in sets:
        assert same_run(*(tmp_path / output / name / "seed-0" for output in ("broken", "whole")))
    assert not list((tmp_path / "broken").rglob(".*"))


def changed(path: Path, before: int) -> int:
    """When the file was last written, 0 where that is as before or it is not there."""
    now = path.stat().st_mtime_ns if path.exists() else 0
    return 0 if now == before else now


def free(folder: Path) -> bool:
    import fcntl

    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(lock)


def test_side_by_side_is_as_one_by_one(photographs, tmp_path):
    config = tmp_path / "uniform.yaml"
    config.write_text("preset: dead-leaves\nproperties: {colour: false}\n")
    sets = ("dead-leaves", "photographs", f"uniform={config}", f"others={photographs / 'others'}")
    one, many = (small(photographs, tmp_path / name, *sets) for name in ("one", "many"))
    assert run(one).finished == run(replace(many, jobs=3)).finished == 4
    for a, b in zip(runs(one), runs(many)):
        assert same_run(a.folder, b.folder)
    rows = [[line.rsplit("|", 2)[0] for line in (study.output / "report.md").read_text().splitlines() if line.startswith("|")] for study in (one, many)]
    assert rows[0] == rows[1] and [row.split("|")[1].strip() for row in rows[0][2:]] == ["dead-leaves", "photographs", "uniform", "others"]
    assert len({str(work.result(r)["psnr"]) for r in runs(one)}) == 4


def test_seeds_draw_other_images_of_one_size(photographs, tmp_path):
    study = small(photographs, tmp_path, "dead-leaves", "photographs", size=replace(SMALL, seeds=2))
    outcome = run(study)
    assert (outcome.finished, outcome.total) == (4, 4)
    drawn = {(r.set.name, r.seed): json.loads((r.folder / "result.json").read_text())["images"] for r in runs(study)}
    assert drawn["dead-leaves", 0] != drawn["dead-leaves", 1] and drawn["photographs", 0] == drawn["photographs", 1]
    text = outcome.report.read_text()
    assert "generated ones 32 x 24" in text and re.search(r"\| dead-leaves \| 2 \|.* ± \d\.\d{3} \|", text) and "Order at σ = 25" in text
    data = json.loads((tmp_path / "report.json").read_text())
    assert [row["set"] for row in data["table"]] == ["dead-leaves", "photographs"] and all(minutes > 0 for minutes in data["core_minutes"]["dead-leaves"])


def test_it_judges_as_the_evaluation_does(photographs, tmp_path):
    for images in (None, photographs / "others"):
        [one] = runs(small(photographs, tmp_path / str(images is None), images=images))
        assert work.carry_out(one, lambda: False)
        judging = halves.split(photographs / "all")[1] if images is None else halves.by_hash(list(images.glob("*.png")))
        assert list(one.judges) == judging[:2]
        found = evaluate(weights.load(one.folder / "weights.pt"), read_all(one.judges, True), "denoise:25")
        assert work.result(one)["psnr"]["25"] == {row.name: row.psnr for row in found.rows}


def test_a_study_in_calls(photographs, tmp_path):
    study = small(photographs, tmp_path / "study", "dead-leaves", "photographs")
    assert run(replace(study, minutes=1e-9)).finished == 0
    assert run(replace(study, sets=study.sets[:1])).finished == 1
    result = tmp_path / "study" / "dead-leaves" / "seed-0" / "result.json"
    before = result.stat().st_mtime_ns
    outcome = run(study, only_report=True)
    assert outcome.finished == 1 and "Not finished, and not in the table: photographs, seed 0." in outcome.report.read_text()
    assert run(study).finished == 2 and result.stat().st_mtime_ns == before
    result.write_text("{")
    assert run(study).finished == 2 and json.loads(result.read_text())["psnr"]
    with pytest.raises(LeafLitterError, match=r"other settings \(batch, judges, evaluated_on\)"):
        run(replace(study, size=replace(study.size, batch=3, judges=1)))


def test_a_run_that_fails_does_not_keep_the_others(photographs, tmp_path):
    config = tmp_path / "steep.yaml"
    config.write_text("preset: dead-leaves\n")
    study = small(photographs, tmp_path / "study", f"steep={config}", "photographs")
    assert run(study).finished == 2
    config.write_text("preset: dead-leaves\nleaves: {r_min: 3}\n")
    outcome = run(study)
    assert outcome.finished == 1 and len(outcome.failed) == 1 and "other settings or files (contents of the set, images)" in outcome.failed[0]
    assert "Failed: steep, seed 0" in outcome.report.read_text() and "| steep |" not in outcome.report.read_text()
    shutil.rmtree(tmp_path / "study" / "steep")
    assert run(study).failed == ()
    folder = tmp_path / "study" / "photographs" / "seed-0"
    (folder / "result.json").unlink()
    (folder / "checkpoint.pt").write_bytes(b"no checkpoint")
    [failed] = run(study).failed
    assert failed.startswith("photographs, seed 0") and "cannot be read" in failed


def test_a_process_that_is_killed_is_named(photographs, tmp_path, monkeypatch):
    [one] = runs(small(photographs, tmp_path, size=replace(SMALL, steps=1_000_000)))
    start = side_by_side._start

    def killed(run, end):
        connection, process = start(run, end)
        process.kill()
        return connection, process

    monkeypatch.setattr(side_by_side, "_start", killed)
    assert side_by_side.carry_out([one], 1, float("inf"), lambda r, words: None) == (0, ["dead-leaves, seed 0 (its process was killed by signal 9; if memory is short, give fewer --jobs)"])


def test_what_can_be_known_before_is_said_before(photographs, tmp_path):
    def study(*sets, **size):
        return small(photographs, tmp_path / "study", *sets, size=replace(SMALL, **size))

    palette = tmp_path / "no.palette"
    palette.write_text("no palette")
    few = tmp_path / "few"
    few.mkdir()
    shutil.copy(next((photographs / "all").iterdir()), few / "one.png")
    for bad, sentence in (
        (study("typo"), "typo"),
        (study(patch=48), "less than the patch of 48"),
        (study(steps=0), "iterations is 0"),
        (study(seeds=0), "seeds is 0; give 1 to 1000"),
        (study(precision="tf32"), "a CPU computes in fp32 or bf16"),
        (study(count=1000), "count is 1000, and [0-9]+ of the photographs are in the half that trains"),
        (study(f"few={few}"), "the set few has 1 images in .*, and all sets have 3; add some, or give --count 1"),
        (study(f"leak={photographs / 'all'}"), "of the set leak is that of --photographs"),
        (replace(study(), images=photographs / "all"), "of --images is that of --photographs"),
        (replace(study(f"o={photographs / 'others'}"), images=photographs / "others"), "both trained on and evaluated on"),
        (replace(study(), photographs=few), "too few to be split"),
        (replace(study(), photographs=tmp_path / "absent"), "absent"),
        (replace(study(), palette=str(tmp_path / "absent.palette")), "absent.palette cannot be read"),
        (replace(study(), palette=str(palette)), "no.palette"),
        (replace(study(), jobs=0), "jobs is 0"),
        (replace(study(), minutes=0.0), "minutes is 0"),
        (replace(study(), binary=str(tmp_path / "absent")), "absent is no program"),
    ):
        with pytest.raises(LeafLitterError, match=sentence):
            run(bad)
        assert not (tmp_path / "study").exists()
    with pytest.raises(LeafLitterError, match="there is no study in"):
        run(study(), only_report=True)


def test_the_command(photographs, tmp_path):
    def command(*more):
        return subprocess.run([sys.executable, "-m", "leaflitter.study", f"--binary={real_binary()}", f"--output={tmp_path / 'study'}", *more], env=environment(), capture_output=True, text=True, timeout=300)

    usual = ["--cpu", f"--photographs={photographs / 'all'}", "--sets", "dead-leaves", "photographs"]
    tiny = ["--iterations=2", "--batch=2", "--patch=12", "--seeds=1", "--count=2", "--judges=1", "--jobs=1"]
    done = command(*usual, *tiny, "--minutes=0.00001")
    assert (done.returncode, done.stdout) == (75, "0 of 2 runs are finished\n"), done.stderr
    done = command(*usual, *tiny)
    assert done.returncode == 0 and done.stdout.startswith("2 of 2 runs are finished: "), done.stderr
    text = (tmp_path / "study" / "report.md").read_text()
    for name in re.findall(r"\]\((.*?)\)", text):
        assert (tmp_path / "study" / name).stat().st_size > 1000
    assert "the numbers check the machinery" in text and "colour" in text and "psnr.svg" in text


def test_bad_input_in_one_sentence(photographs, tmp_path, capsys):
    usual = ["--cpu", "--patch=12", f"--photographs={photographs / 'all'}", "--sets", "dead-leaves"]
    for more, sentence in (
        (["--cpu"], "--cpu needs --photographs DIR"),
        ([*usual, "--network=ffdnet"], "--network says nothing with --cpu"),
        ([*usual, "--no-shifts"], "--shifts says nothing with --cpu"),
        ([*usual, "--threads=2"], "--threads says nothing with --cpu"),
        ([*usual, "--device=cuda"], "--device says nothing with --cpu"),
        ([*usual, "--precision=tf32"], "is of GPUs"),
        ([*usual, "--iterations=0"], "iterations is 0"),
        ([*usual, "--backend=quantum"], "quantum"),
        (["--smoke", f"--images={photographs / 'all'}", "--jobs=2"], "--jobs is of --cpu"),
        (["--gpu", f"--images={photographs / 'all'}", "--grey"], "--grey is of --cpu"),
        (["--smoke"], "--images DIR is missing"),
    ):
        assert main([f"--binary={real_binary()}", f"--output={tmp_path / 'study'}", "--no-plots", *more]) == 2
        said = capsys.readouterr()
        assert sentence in said.err and said.out == "" and not (tmp_path / "study").exists(), said.err


def test_a_directory_of_another_study(photographs, tmp_path, capsys):
    run(small(photographs, tmp_path / "study"))
    line = [f"--binary={real_binary()}", f"--output={tmp_path / 'study'}", "--no-plots", "--sets", "dead-leaves"]
    assert main([*line, "--smoke", "--device=cpu", f"--images={photographs / 'others'}"]) == 2 and "other settings (" in capsys.readouterr().err
    (tmp_path / "study" / "study.json").write_text('{"size": {}}')
    assert main([*line, "--cpu", "--patch=12", f"--photographs={photographs / 'all'}"]) == 2 and "is not of a study" in capsys.readouterr().err
