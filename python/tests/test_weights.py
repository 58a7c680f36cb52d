"""Files of weights: ours, the training's, the published ones, and those that are none."""

import errno
import os
import pickle
from dataclasses import asdict

import pytest
import torch

from leaflitter import LeafLitterError
from leaflitter.networks import Spec, build
from leaflitter.networks.weights import load, save

SPEC = Spec("ffdnet", 1)


@pytest.fixture
def network():
    torch.manual_seed(1)
    return build(SPEC)


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_what_is_saved_is_loaded(network, tmp_path):
    save(network, tmp_path / "w.pt")
    again = load(tmp_path / "w.pt")
    assert again.spec == SPEC and not again.training
    assert equal(again.state_dict(), network.state_dict())
    assert os.listdir(tmp_path) == ["w.pt"]


def test_checkpoints_of_training_give_their_averages(network, tmp_path):
    weights = network.state_dict()
    average = {name: p * 0.5 for name, p in network.named_parameters()}
    payload = {"format": "leaflitter-training", "version": 1, "spec": asdict(SPEC), "weights": weights, "ema": average, "optimizer": {}, "step": 3, "options": {}}
    torch.save(payload, tmp_path / "checkpoint.pt")
    assert equal(load(tmp_path / "checkpoint.pt").state_dict(), {**weights, **average})
    assert equal(load(tmp_path / "checkpoint.pt", ema=False).state_dict(), weights)
    torch.save({**payload, "ema": None}, tmp_path / "checkpoint.pt")
    assert equal(load(tmp_path / "checkpoint.pt").state_dict(), weights)


@pytest.mark.parametrize("spec", [SPEC, Spec("ffdnet", 3, blind=True)], ids=str)
@pytest.mark.parametrize("prefix", ["module.", ""])
@pytest.mark.parametrize("wrapped", [True, False])
def test_published_names_are_understood(spec, prefix, wrapped, tmp_path):
    network = build(spec)
    bare = {prefix + name.replace("body.", "intermediate_dncnn.itermediate_dncnn."): tensor for name, tensor in network.state_dict().items()}
    bare = {name: tensor for name, tensor in bare.items() if not name.endswith("num_batches_tracked")}
    torch.save({"state_dict": bare, "epoch": 3} if wrapped else bare, tmp_path / "p.pth")
    again = load(tmp_path / "p.pth")
    assert again.spec == spec and equal(again.state_dict(), network.state_dict())


class Malicious:
    def __reduce__(self):
        return (os.mkdir, ("ran",))


def test_a_pickled_object_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save({"format": "leaflitter-weights", "x": Malicious()}, "zip.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Malicious()))
    for name in ("zip.pt", "plain.pt"):
        with pytest.raises(LeafLitterError, match="which are not unpickled"):
            load(name)
    assert sorted(os.listdir(tmp_path)) == ["plain.pt", "zip.pt"]


def broken(change):
    payload = {"format": "leaflitter-weights", "version": 1, "spec": asdict(SPEC), "weights": build(SPEC).state_dict()}
    change(payload)
    return payload


@pytest.mark.parametrize(
    "change, words",
    [
        (lambda p: p.update(version=2), "is of version 2"),
        (lambda p: p.pop("spec"), "lacks or garbles"),
        (lambda p: p.update(spec={"name": "ffdnet", "colour": 1}), "lacks or garbles"),
        (lambda p: p.update(spec={"name": "vgg"}), "there is no network 'vgg'"),
        (lambda p: p.update(weights=3), "lacks or garbles"),
        (lambda p: p["weights"].pop("body.0.weight"), "lacks body.0.weight"),
        (lambda p: p["weights"].update(extra=torch.zeros(1)), "has extra"),
        (lambda p: p["weights"].update({"body.0.weight": torch.zeros(2)}), r"body.0.weight is \(2,\)"),
        (lambda p: p["weights"].update({"body.0.weight": 5}), "body.0.weight is int"),
        (lambda p: p["weights"]["body.0.weight"].fill_(float("nan")), "not finite"),
        (lambda p: p.update(format="other"), "unknown format"),
        (lambda p: p.clear(), "unknown format"),
    ],
)
def test_files_that_do_not_fit_are_named(change, words, tmp_path):
    torch.save(broken(change), tmp_path / "w.pt")
    with pytest.raises(LeafLitterError, match=words) as caught:
        load(tmp_path / "w.pt")
    assert "\n" not in str(caught.value)


def test_files_that_are_no_weights_are_named(tmp_path, network):
    (tmp_path / "text.pt").write_text("hello, I am not a network\n")
    (tmp_path / "empty.pt").write_bytes(b"")
    torch.save([1, 2], tmp_path / "list.pt")
    save(network, tmp_path / "whole.pt")
    (tmp_path / "torn.pt").write_bytes((tmp_path / "whole.pt").read_bytes()[:50_000])
    for name, words in [("text.pt", "not a file"), ("empty.pt", "not a file"), ("list.pt", "holds no weights but list"), ("torn.pt", "not a file"), ("absent.pt", "cannot be read"), (".", "cannot be read")]:
        with pytest.raises(LeafLitterError, match=words) as caught:
            load(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_weights_that_cannot_be_written_leave_nothing(network, tmp_path):
    (tmp_path / "taken").mkdir()
    for place in (tmp_path / "absent" / "w.pt", tmp_path / "taken"):
        with pytest.raises(LeafLitterError, match="cannot be written"):
            save(network, place)
    assert os.listdir(tmp_path) == ["taken"]


def test_a_full_disk_leaves_the_file_as_it_was(network, tmp_path, monkeypatch):
    save(network, tmp_path / "w.pt")
    before = (tmp_path / "w.pt").read_bytes()

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LeafLitterError, match="w.pt cannot be written .No space left"):
        save(build(SPEC), tmp_path / "w.pt")
    assert os.listdir(tmp_path) == ["w.pt"] and (tmp_path / "w.pt").read_bytes() == before
