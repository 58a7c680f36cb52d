"""Parts of the study on a CPU: halves of photographs, patches, palettes, and the arithmetic of gaps."""

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import real_binary
from leaflitter import LeafLitterError
from leaflitter.study.cpu import generator, images, photographs, table
from leaflitter.study.cpu.loop import Training, refuse_others
from leaflitter.study.cpu.plan import Run, Size
from leaflitter.study.plan import TrainingSet
from leaflitter.study.table import RunResult
from PIL import Image

BINARY = str(real_binary())


def test_halves_are_of_the_name_alone(tmp_path):
    """A photograph stays in its half whatever comes or goes beside it."""
    for k in range(40):
        Image.new("RGB", (4, 4), (k, 0, 0)).save(tmp_path / f"{k:03d}.png")
    training, judges = photographs.split(tmp_path)
    assert not {*training} & {*judges} and len(training) + len(judges) == 40 and min(len(training), len(judges)) > 10
    for half, paths in enumerate((training, judges)):
        hashes = [hashlib.sha256(path.name.encode()).digest() for path in paths]
        assert all(h[0] % 2 == half for h in hashes) and hashes == sorted(hashes)
    for path in training[:5] + judges[:5]:
        path.unlink()
    assert photographs.split(tmp_path) == (training[5:], judges[5:])
    # Of another machine, for ever.
    assert [path.name for path in training[5:7]] + [path.name for path in judges[5:7]] == EXPECTED
    for path in training:
        path.unlink(missing_ok=True)
    with pytest.raises(LeafLitterError, match="too few to be split"):
        photographs.split(tmp_path)


EXPECTED = ["034.png", "010.png", "032.png", "012.png"]


def test_the_typical_size_is_even_and_lies():
    assert photographs.typical([(481, 321), (321, 481), (481, 321)]) == (480, 320)
    assert photographs.typical([(100, 50), (10, 31), (9, 301)]) == (100, 10)


def test_a_digest_is_of_names_and_contents(tmp_path):
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    a.write_bytes(b"1")
    b.write_bytes(b"2")
    first = photographs.digest([a, b])
    assert photographs.digest([b, a]) == first != photographs.digest([a])
    b.write_bytes(b"33")
    assert photographs.digest([a, b]) != first


def test_patches_are_of_the_same_places_in_all_sets():
    """Each pixel tells where it is; another set has other values and the same places."""
    places = np.arange(20 * 30).reshape(20, 30) % 251
    first = [np.stack([places]).astype(np.uint8) + np.uint8(k) for k in range(4)]
    second = [np.uint8(255) - image for image in first]
    a, b = (images.patches(found, np.random.default_rng(3), 64, 8) for found in (first, second))
    assert np.array_equal(np.uint8(255) - a, b)
    assert len({patch.tobytes() for patch in a}) > 60
    corners = {(int(p[0, 0, 0]) - int(p[0, 0, 1])) % 256 for p in a}
    assert {1, 255} <= corners and any(c not in (1, 255) for c in corners)  # flipped, and turned


def run_of(seed=0, grey=True, kind="preset", value="dead-leaves", count=3, files=(), size="", **more):
    return Run(Path("/nowhere"), TrainingSet("x", kind, value), seed, Size(steps=3, batch=2, patch=12, grey=grey), count, files, 32, 24, "", (), {}, binary=BINARY, **more)


def test_images_are_functions_of_the_seed():
    once, again, other = (images.load(run_of(seed), lambda: False) for seed in (0, 0, 1))
    assert [image.shape for image in once] == [(1, 24, 32)] * 3
    assert images.digest(once) == images.digest(again) != images.digest(other)
    assert images.digest(images.load(run_of(count=2), lambda: False)) == images.digest(once[:2])
    assert images.load(run_of(), lambda: True) is None


def test_grey_is_the_luma_of_all_alike(tmp_path):
    colour = images.load(run_of(grey=False, count=2), lambda: False)
    files = []
    for k, image in enumerate(colour):
        files.append(tmp_path / f"{k}.png")
        Image.fromarray(image.transpose(1, 2, 0)).save(files[-1])
    read = images.load(run_of(files=tuple(files), count=2), lambda: False)
    assert images.digest(read) == images.digest(images.load(run_of(count=2), lambda: False))
    grey = images.load(run_of(grey=False, value="grey", count=1), lambda: False)[0]
    assert grey.shape == (3, 24, 32) and np.array_equal(grey[0], grey[2])


def test_first_weights_and_noise_are_the_seeds_alone():
    def first(seed, value):
        """First weights, and the noise and levels of the first step on plain images."""
        made, seen = Training(run_of(seed), [np.full((1, 24, 32), value, np.uint8)], ""), []
        made.network.register_forward_pre_hook(lambda module, given: seen.extend(given))
        weight = made.network.body[0].weight.detach().clone()
        made._step()
        return weight, seen[0] - value / 255, seen[1]

    one, same, other = first(0, 10), first(0, 200), first(1, 10)
    assert torch.equal(one[0], same[0]) and torch.equal(one[2], same[2]) and torch.allclose(one[1], same[1], atol=1e-6)
    assert not torch.equal(one[0], other[0]) and not torch.allclose(one[1], other[1], atol=1e-2)
    assert (one[1].flatten(1).std(1) / one[2] - 1).abs().max() < 0.3


def test_palettes_go_where_they_are_used():
    for preset, expected in (("dead-leaves-pp", True), ("no-colour", False), ("dead-leaves", True)):
        config = generator.effective(TrainingSet("x", "preset", preset), BINARY)
        assert generator.takes_palette(config) == expected and "#" not in config
        assert generator.identity(config, BINARY) != generator.identity(config + " ", BINARY)
    with pytest.raises(LeafLitterError, match="typo"):
        generator.effective(TrainingSet("x", "preset", "typo"), BINARY)


def test_memory_is_counted_before():
    images.fits_memory(1000, 3, 2)
    with pytest.raises(LeafLitterError, match="2 runs side by side hold .* GiB of images"):
        images.fits_memory(10**15, 3, 2)


def test_other_settings_are_named():
    refuse_others(Path("x"), {"a": [1], "b": 2}, {"a": (1,), "b": 2})
    with pytest.raises(LeafLitterError, match=r"the run in x was begun with other settings or files \(a, c\)"):
        refuse_others(Path("x"), {"a": 1, "b": 2}, {"a": 2, "b": 2, "c": 3})


def result(name, seed, value):
    return RunResult(name, seed, {"25": {"one": value - 1, "two": value + 1}}, {})


def test_gaps_are_between_runs_of_a_seed():
    """Photographs 30, 31, 35 and leaves 29, 29.5, 34.5: gaps 1, 1.5 and 0.5, however far seeds lie apart."""
    found = [result("photographs", k, v) for k, v in enumerate((30, 31, 35))]
    found += [result("leaves", k, v) for k, v in enumerate((29, 29.5, 34.5))] + [result("leaves", 7, 10.0), result("one", 0, 20.0), result("far", 9, 20.0)]
    leaves, one, far, best = table.rows(found, ["leaves", "one", "far", "photographs"], ["25"])
    assert (leaves.seeds, leaves.gap["25"]) == (4, 1.0) and leaves.gap_error["25"] == pytest.approx(0.5 / math.sqrt(3))
    assert leaves.psnr["25"] == pytest.approx((29 + 29.5 + 34.5 + 10) / 4)
    assert (one.gap["25"], one.gap_error["25"], far.gap["25"]) == (10.0, None, None)
    assert (best.psnr["25"], best.gap["25"], best.gap_error["25"]) == (32.0, 0.0, None)


def test_what_precision_costs():
    found = [result("photographs", k, 30.0) for k in range(3)]
    found += [result("a", k, 30 - v) for k, v in enumerate((0.1, 0.2, 0.3))] + [result("b", k, 30 - v) for k, v in enumerate((0.5, 0.5, 0.5))] + [result("c", 0, 29.0)]
    [p] = table.precision(found, ["25"])
    assert p.spread == pytest.approx(math.sqrt((0.01 * 2 + 0) / 4)) and p.seeds == math.ceil((3 * p.spread / 0.05) ** 2) == 18
    assert table.precision(found[:3], ["25"]) == [] == table.precision([result("a", 0, 1.0), result("photographs", 0, 2.0)], ["25"])
    assert [table.student(n) for n in (1, 2, 3, 100)] == [None, 12.71, 4.30, 2.0]


def test_the_order_says_what_is_told_apart():
    values = {"photographs": (31, 32, 33), "near": (30.9, 32.0, 32.95), "far": (29, 30.1, 31)}
    found = [result(name, k, v) for name, seeds in values.items() for k, v in enumerate(seeds)]
    assert table.ordered(found, ["far", "near", "photographs"], "25") == "photographs ≈ near > far"
    assert table.ordered(found[:1] + found[-3:-2], ["far", "photographs"], "25") == "photographs ≈ far"
