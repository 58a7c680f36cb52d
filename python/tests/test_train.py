"""python -m leaflitter.train, from its options to its files."""

import csv
import json
import os
import resource
import subprocess
import sys

import numpy as np
import pytest
import torch
from leaflitter import LeafLitterError
from leaflitter.networks import weights
from leaflitter.train import Options
from leaflitter.train import run as train
from leaflitter.train.model import Model
from PIL import Image
from training import command, environment, run, small, state


def test_a_run_learns_and_leaves_its_files(tmp_path):
    folder = tmp_path / "run"
    done = run(folder, "--iterations=90", "--batch=8", "--patch=24", "--log-every=15", "--checkpoint-every=60", "--pictures-every=45", "--task=denoise:25")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(folder / "weights.pt")
    assert "as asked" in done.stderr and "step 90 of 90: loss" in done.stderr
    with open(folder / "log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(15, 91, 15))
    losses = [float(row["loss"]) for row in rows]
    assert losses[-1] < losses[0] / 2, losses
    assert all(float(row["images_per_second"]) > 0 and 0 <= float(row["waiting"]) < 1 for row in rows)
    assert json.loads((folder / "options.json").read_text())["loss"] == "l2"
    pictures = sorted((folder / "samples").iterdir())
    assert [p.name for p in pictures] == ["00000045.png", "00000090.png"]
    assert Image.open(pictures[0]).size == (3 * 24, 4 * 24)
    network, raw = weights.load(folder / "checkpoint.pt"), weights.load(folder / "checkpoint.pt", ema=False)
    final = weights.load(folder / "weights.pt").state_dict()
    assert all(torch.equal(final[name], tensor) for name, tensor in network.state_dict().items())
    assert not torch.equal(final["body.0.weight"], raw.state_dict()["body.0.weight"])


@pytest.mark.parametrize(
    "more,kind",
    [({"network": "drunet", "batch": 1}, "drunet colour"), ({"network": "swinir-light", "task": "sr:x3", "patch": 24}, "swinir-light colour x3"), ({"blind": True, "grey": True, "precision": "bf16"}, "ffdnet grey blind")],
)
def test_every_network_trains(tmp_path, more, kind):
    train(small(tmp_path / "run", iterations=1, **more), progress=False)
    assert str(weights.load(tmp_path / "run" / "weights.pt").spec) == kind


def test_the_seed_decides_the_weights_and_nothing_else_does(tmp_path):
    def first(seed):
        torch.manual_seed(np.random.randint(1000))
        return Model(small(tmp_path, seed=seed).checked(), torch.device("cpu"), None).network.state_dict()["body.0.weight"]

    before = torch.get_rng_state()
    assert torch.equal(first(1), first(1)) and not torch.equal(first(1), first(2))
    torch.set_rng_state(before)


def test_validation(tmp_path):
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    for n in range(2):
        Image.fromarray(np.random.RandomState(n).randint(0, 256, (24, 20, 3)).astype(np.uint8)).save(photographs / f"{n}.png")
    train(small(tmp_path / "run", validate=str(photographs), validate_every=4), progress=False)
    with open(tmp_path / "run" / "validation.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["step"], row["task"]) for row in rows] == [("4", "denoise:25"), ("6", "denoise:25")]
    assert 5 < float(rows[0]["psnr"]) < 40


@pytest.mark.parametrize(
    "more,sentence",
    [
        ({"task": "denoise:30-20"}, "there is no task 'denoise:30-20'"),
        ({"task": "sr:x5"}, "there is no task 'sr:x5'"),
        ({"network": "unet"}, "there is no network 'unet'; choose one of ffdnet, drunet, swinir-light"),
        ({"network": "swinir-light"}, "swinir-light of scale 1 does not exist"),
        ({"task": "sr:x2"}, "ffdnet denoises"),
        ({"task": "sr:x2", "network": "swinir-light", "blind": True}, "blind is for denoising"),
        ({"task": "sr:x3", "network": "swinir-light"}, "patch is 16, which sr:x3 cannot divide; give a multiple of 3"),
        ({"batch": 0}, "batch is 0; it is from 1 to 4096"),
        ({"patch": 7}, "patch is 7; it is from 8 to 4096"),
        ({"iterations": 0}, "iterations is 0; it is from 1 to 1000000000"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"ema": 1.0}, "ema is 1.0; it is from 0 to 0.999999"),
        ({"minutes": 0.0}, "minutes is 0.0; it is from 0.001"),
        ({"seed": -1}, "seed is -1; it is from 0 to 9223372036854775807"),
        ({"seed": 10**400}, "seed is 1000"),
        ({"device": "meta"}, "the device 'meta' cannot be used (it is neither); give cpu, or cuda"),
        ({"palette": "no.palette"}, "no.palette cannot be read"),
        ({"loss": "l3"}, "loss is 'l3'; choose one of l1, l2, charbonnier"),
        ({"precision": "tf32"}, "tf32 is of NVIDIA's GPUs"),
        ({"device": "cuda:7"}, "the device 'cuda:7' cannot be used"),
        ({"photographs": "x"}, "so preset says nothing"),
        ({"photographs": "nowhere", "preset": None}, "nowhere"),
        ({"memory": 1}, "memory is 1 images, less than a batch of 2"),
        ({"preset": "leafless"}, "leafless"),
        ({"config": "no.yaml", "preset": None}, "no.yaml"),
        ({"binary": "/no/such/program"}, "/no/such/program"),
        ({"validate": "no/photographs"}, "no/photographs"),
        ({"schedule": "linear"}, "there is no schedule 'linear'"),
    ],
    ids=str,
)
def test_refusals(tmp_path, more, sentence):
    with pytest.raises(LeafLitterError) as error:
        train(small(tmp_path / "run", **more), progress=False)
    assert sentence in str(error.value) and "\n" not in str(error.value).strip()
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_validation_images_are_looked_at_before(tmp_path):
    (tmp_path / "photographs").mkdir()
    Image.fromarray(np.zeros((9, 30, 3), np.uint8)).save(tmp_path / "photographs" / "low.png")
    with pytest.raises(LeafLitterError, match="image low is 30 x 9"):
        train(small(tmp_path / "run", validate=str(tmp_path / "photographs")), progress=False)
    assert list((tmp_path / "run").iterdir()) == []


def test_too_little_memory(tmp_path, monkeypatch):
    with pytest.raises(LeafLitterError, match=r"there is no room for memory=10000000 images, 468750.0 GiB"):
        train(small(tmp_path / "run", memory=10_000_000, patch=4096, batch=1), progress=False)

    def step(*_):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(Model, "step", step)
    with pytest.raises(LeafLitterError, match="not enough memory on cpu for ffdnet with a batch of 2 images of 16 x 16; give a smaller --batch"):
        train(small(tmp_path / "run"), progress=False)


def test_what_is_said_of_memory_is_not_said_otherwise(tmp_path, monkeypatch):
    def step(*_):
        raise LeafLitterError("there is not enough memory on cpu for ffdnet on image x; give smaller images")

    monkeypatch.setattr(Model, "step", step)
    with pytest.raises(LeafLitterError, match="on image x; give smaller images"):
        train(small(tmp_path / "run"), progress=False)


def test_other_faults_are_no_lack_of_memory(tmp_path, monkeypatch):
    def step(*_):
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(Model, "step", step)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        train(small(tmp_path / "run"), progress=False)


def test_nobody_reads_what_is_said(tmp_path):
    """A closed pipe of the words does not cost the run."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command(tmp_path / "run"), env=environment(), stdout=subprocess.PIPE, stderr=writer, timeout=300)
    os.close(writer)
    assert done.returncode == 0 and (tmp_path / "run" / "weights.pt").exists()


def test_a_call_does_one_step_at_least(tmp_path):
    for step in (1, 2):
        assert train(small(tmp_path / "run", minutes=0.001, memory=4), resume=True, progress=False).step >= step


def test_files_of_others_are_left_alone(tmp_path):
    folder = tmp_path / "run"
    (folder / ".x.tmp").mkdir(parents=True)
    (folder / ".mine.tmp").write_text("mine")
    (folder / ".checkpoint.pt.123.tmp").write_text("of a killed call")
    train(small(folder), progress=False)
    assert (folder / ".mine.tmp").read_text() == "mine" and not (folder / ".checkpoint.pt.123.tmp").exists()


def test_one_process_a_run(tmp_path):
    folder = tmp_path / "run"
    with subprocess.Popen(command(folder, "--iterations=100000"), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stderr:
            if "images/s" in line:
                break
        with pytest.raises(LeafLitterError, match="another process trains in"):
            train(small(folder), resume=True, progress=False)
        child.kill()


def test_refusals_of_the_command(tmp_path):
    done = run(tmp_path / "run", "--task=denoise:300")
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("leaflitter.train: there is no task") and done.stderr.count("\n") == 1
    (tmp_path / "file").write_text("")
    done = run(tmp_path / "file" / "run")
    assert done.returncode == 2 and "cannot be made" in done.stderr and done.stderr.count("\n") == 1


def test_a_generator_that_dies(tmp_path):
    dying = tmp_path / "leaflitter"
    dying.write_text(f"#!/bin/sh\n{small(tmp_path).binary} \"$@\" | head -c 4000; echo no more leaves >&2; exit 3\n")
    dying.chmod(0o755)
    done = run(tmp_path / "run", f"--binary={dying}")
    assert done.returncode == 2 and "no more leaves" in done.stderr and "Traceback" not in done.stderr
    assert state(tmp_path / "run")["step"] == 1  # what was trained is kept, though no checkpoint was due


def test_a_full_disk_keeps_the_checkpoint_before(tmp_path):
    """A limit on the size of files stands for the disk: the log fits, a checkpoint does not."""
    folder = tmp_path / "run"
    assert run(folder, "--schedule=constant", "--iterations=2").returncode == 0
    before = (folder / "checkpoint.pt").read_bytes()
    done = run(folder, "--schedule=constant", "--iterations=6", "--resume", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
    assert done.returncode == 2 and "checkpoint.pt cannot be written" in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert (folder / "checkpoint.pt").read_bytes() == before
    assert not list(folder.glob(".*.tmp"))


def test_a_loss_that_is_not_finite(tmp_path):
    folder = tmp_path / "run"
    options = {"schedule": "constant", "loss": "l2"}
    train(small(folder, iterations=2, **options), progress=False)
    checkpoint = torch.load(folder / "checkpoint.pt", weights_only=True)
    checkpoint["weights"]["body.0.weight"].fill_(float("nan"))
    torch.save(checkpoint, folder / "checkpoint.pt")
    before = (folder / "checkpoint.pt").read_bytes()
    with pytest.raises(LeafLitterError, match="the loss is not finite by step 4; the checkpoint of step 2 stays"):
        train(small(folder, iterations=8, **options), resume=True, progress=False)
    assert (folder / "checkpoint.pt").read_bytes() == before


def test_what_kills_a_log_comes_again(tmp_path):
    folder = tmp_path / "run"
    train(small(folder, iterations=4, schedule="constant"), progress=False)
    with open(folder / "log.csv", "a") as file:
        file.write("6,0.1,0.1,0.1,1,0.1,1\n8,0.1,0")  # rows behind the checkpoint, and half a one
    train(small(folder, iterations=8, schedule="constant"), resume=True, progress=False)
    with open(folder / "log.csv", newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["2", "4", "6", "8"]


def test_options_are_complete():
    from leaflitter.train.__main__ import arguments

    flags = {action.dest for action in arguments()._actions} - {"help", "resume"}
    assert flags == set(Options.__dataclass_fields__) - {"files"}


def test_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    folder = tmp_path / "run"
    train(small(folder, schedule="constant", iterations=4, tensorboard=True), progress=False)
    train(small(folder, schedule="constant", iterations=6, tensorboard=True), resume=True, progress=False)
    found = [(event.step, value.tag) for path in sorted((folder / "tensorboard").iterdir()) for event in EventFileLoader(str(path)).Load() for value in event.summary.value]
    assert [step for step, tag in found if tag == "loss"] == [2, 4, 6]
    assert {tag for _, tag in found} == {"loss", "learning rate", "gradient norm", "images per second", "waiting"}


def test_without_tensorboard(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(LeafLitterError, match="TensorBoard is not installed; run: pip install tensorboard"):
        train(small(tmp_path / "run", tensorboard=True), progress=False)
    assert list((tmp_path / "run").iterdir()) == []
