"""Runs that are broken off and go on end with the weights of those that are not."""

import csv
import random
import signal
import subprocess
import time
from dataclasses import replace

import pytest
from conftest import until
from leaflitter import LeafLitterError
from leaflitter.train import run as train
from training import command, environment, run, same_run, small, state


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An undisturbed run."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    assert train(small(folder), progress=False).finished
    return folder


def test_the_same_run_twice(whole, tmp_path):
    train(small(tmp_path / "again"), progress=False)
    assert same_run(whole, tmp_path / "again")
    train(small(tmp_path / "other", seed=1), progress=False)
    assert not same_run(whole, tmp_path / "other")


@pytest.mark.parametrize("step", [1, 2, 5])
def test_exact_resume(whole, tmp_path, monkeypatch, step):
    """Also at a step at which no checkpoint was due."""
    from leaflitter.train import loop

    folder, now = tmp_path / "run", loop.Stop.now
    taken = []
    monkeypatch.setattr(loop.Stop, "now", lambda self: len(taken) == step or taken.append(0) or now(self))
    first = train(small(folder), progress=False)
    assert not first.finished and first.step == step == state(folder)["step"]
    monkeypatch.undo()
    assert not (folder / "weights.pt").exists()
    assert train(small(folder), resume=True, progress=False).finished
    assert same_run(whole, folder)


@pytest.mark.parametrize(
    "more",
    [{"memory": 5}, {"task": "sr:x2", "network": "swinir-light", "schedule": "constant", "ema": 0.0}, {"optimiser": "adamw", "clip": 0.1, "warmup": 3, "schedule": "halve:2", "precision": "bf16", "grey": True}],
    ids=["memory", "sr", "other settings"],
)
def test_exact_resume_of_other_runs(tmp_path, more):
    options = small(tmp_path / "whole", **more)
    train(replace(options, iterations=4), progress=False) if options.schedule != "cosine" else train(options, progress=False)
    steps = state(tmp_path / "whole")["step"]
    broken = replace(options, output=str(tmp_path / "broken"), iterations=steps)
    from leaflitter.train import loop

    with pytest.MonkeyPatch.context() as patch:
        taken = []
        patch.setattr(loop.Stop, "now", lambda self: len(taken) == 3 or bool(taken.append(0)))
        assert train(broken, progress=False).step == 3
    train(broken, resume=True, progress=False)
    assert same_run(tmp_path / "whole", tmp_path / "broken")


def test_killed_at_random_instants(tmp_path):
    """SIGKILL, each time soon after another checkpoint was there: between, in and after writes."""
    long = ("--iterations=40", "--schedule=constant")
    assert run(tmp_path / "whole", *long).returncode == 0
    folder, rng, steps = tmp_path / "run", random.Random(7), []
    checkpoint = folder / "checkpoint.pt"
    for kill in range(4):
        before = checkpoint.stat().st_mtime_ns if kill else None
        with subprocess.Popen(command(folder, "--resume", *long), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
            until(lambda: child.poll() is not None or (checkpoint.exists() and checkpoint.stat().st_mtime_ns != before), "no checkpoint comes", 60)
            time.sleep(rng.uniform(0, 0.15))
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        steps.append(state(folder)["step"])
    assert steps == sorted(set(steps)) and steps[-1] < 40
    done = run(folder, "--resume", *long)
    assert done.returncode == 0, done.stderr
    assert same_run(tmp_path / "whole", folder)
    rows, undisturbed = (list(csv.DictReader((f / "log.csv").open(newline=""))) for f in (folder, tmp_path / "whole"))
    assert [(row["step"], row["loss"]) for row in rows] == [(row["step"], row["loss"]) for row in undisturbed]
    assert sorted(p.name for p in folder.iterdir()) == ["checkpoint.pt", "log.csv", "options.json", "weights.pt"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_with_a_checkpoint(tmp_path, number):
    folder = tmp_path / "run"
    with subprocess.Popen(command(folder, "--iterations=100000", "--checkpoint-every=100000"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stderr:
            if "images/s" in line:
                break
        child.send_signal(number)
        rest = child.stderr.read()
    assert child.returncode == 128 + number
    step = state(folder)["step"]
    assert step >= 2 and f"stopped by a signal at step {step}; --resume goes on" in rest


def test_minutes(tmp_path):
    folder = tmp_path / "run"
    result = train(small(folder, iterations=100_000, minutes=0.02), progress=False)
    assert not result.finished and 0 < result.step == state(folder)["step"]


def test_what_may_differ(whole, tmp_path):
    with pytest.raises(LeafLitterError, match="holds a run already; give --resume"):
        train(small(whole), progress=False)
    with pytest.raises(LeafLitterError, match=r"begun with other settings \(batch, learning_rate\)"):
        train(small(whole, batch=3, learning_rate=0.5), resume=True, progress=False)
    with pytest.raises(LeafLitterError, match=r"\(iterations\)"):  # the cosine depends on them
        train(small(whole, iterations=8), resume=True, progress=False)
    folder = tmp_path / "constant"
    train(small(folder, schedule="constant", iterations=2), progress=False)
    assert train(small(folder, schedule="constant", iterations=4, log_every=1, threads=2), resume=True, progress=False).step == 4
    train(small(tmp_path / "once", schedule="constant", iterations=4), progress=False)
    assert same_run(tmp_path / "once", folder)


def test_a_damaged_checkpoint(whole, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    data = (whole / "checkpoint.pt").read_bytes()
    (folder / "checkpoint.pt").write_bytes(data[: len(data) // 2])
    with pytest.raises(LeafLitterError, match="checkpoint .* cannot be read"):
        train(small(folder), resume=True, progress=False)
    (folder / "checkpoint.pt").write_bytes((whole / "weights.pt").read_bytes())
    with pytest.raises(LeafLitterError, match="no checkpoint that this leaflitter wrote"):
        train(small(folder), resume=True, progress=False)
