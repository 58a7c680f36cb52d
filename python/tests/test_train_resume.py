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
from leaflitter.train import loop
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


def stop_at(monkeypatch, step):
    """Let runs stop as if their time were over after a step."""
    train = loop._Run.train
    monkeypatch.setattr(loop._Run, "train", lambda self, batches, stop: self.step < step and train(self, batches, stop))


@pytest.mark.parametrize("step", [1, 2, 5])
def test_exact_resume(whole, tmp_path, monkeypatch, step):
    """Also at a step at which no checkpoint was due."""
    folder = tmp_path / "run"
    stop_at(monkeypatch, step)
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
    with pytest.MonkeyPatch.context() as patch:
        stop_at(patch, 3)
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


@pytest.mark.parametrize("holds", [False, True])
def test_a_signal_while_the_generator_is_silent(tmp_path, holds):
    """Also where a grandchild holds the pipe."""
    silent = tmp_path / "leaflitter"
    rest = "sleep 400" if holds else "exec sleep 400"
    silent.write_text(f'#!/bin/sh\n{small(tmp_path).binary} "$@" | head -c 20000\n{rest}\n')
    silent.chmod(0o755)
    folder = tmp_path / "run"
    with subprocess.Popen(command(folder, f"--binary={silent}", "--iterations=1000", "--checkpoint-every=1000", "--log-every=1"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stderr:
            if "step 4 of" in line:
                break
        began = time.monotonic()
        child.send_signal(signal.SIGTERM)
        child.stderr.read()
    assert child.returncode == 128 + signal.SIGTERM and time.monotonic() - began < 60  # the generator's time-out: 120
    assert state(folder)["step"] >= 4


def test_minutes(tmp_path):
    folder = tmp_path / "run"
    result = train(small(folder, iterations=100_000, minutes=0.02), progress=False)
    assert not result.finished and 0 < result.step == state(folder)["step"]
    done = run(folder, "--resume", "--iterations=100000", "--minutes=0.02")
    assert done.returncode == 75 and "the time is over at step" in done.stderr


def test_what_may_differ(whole, tmp_path):
    with pytest.raises(LeafLitterError, match="holds a run already; give --resume"):
        train(small(whole), progress=False)
    with pytest.raises(LeafLitterError, match=r"begun with other settings \(batch, learning_rate\)"):
        train(small(whole, batch=3, learning_rate=0.5), resume=True, progress=False)
    with pytest.raises(LeafLitterError, match=r"\(iterations\)"):  # the cosine depends on them
        train(small(whole, iterations=8), resume=True, progress=False)
    config = tmp_path / "leaves.yaml"
    config.write_text("preset: dead-leaves\n")
    own = {"preset": None, "config": str(config)}
    train(small(tmp_path / "own", **own), progress=False)
    config.write_text("preset: dead-leaves-pp\n")
    with pytest.raises(LeafLitterError, match=r"\(contents of config, palette, photos or photographs\)"):
        train(small(tmp_path / "own", **own), resume=True, progress=False)
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
