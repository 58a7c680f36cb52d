"""Data, degradation, schedules, averages: the parts that training is made of."""

import itertools
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import until
from leaflitter import LeafLitter, LeafLitterError
from leaflitter.evaluate.cases import case
from leaflitter.restore.tasks import parse
from leaflitter.train import data, degrade, schedule
from leaflitter.train.model import average
from PIL import Image
from training import small


def take(options, step, count):
    with data.batches(options, step) as batches:
        return [next(batches) for _ in range(count)]


@pytest.fixture
def photographs(tmp_path):
    """Two photographs whose pixels tell where they are."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    for n, (height, width) in enumerate([(40, 60), (50, 30)]):
        y, x = np.mgrid[:height, :width]
        Image.fromarray(np.stack([y, x, np.full_like(x, 200 + n)], 2).astype(np.uint8)).save(folder / f"{n}.png")
    return str(folder)


@pytest.mark.parametrize("source", ["live", "memory", "photographs"])
def test_batches_depend_on_the_step_alone(tmp_path, photographs, source):
    more = {"photographs": photographs, "preset": None} if source == "photographs" else {"memory": 7 if source == "memory" else 0}
    options = small(tmp_path, **more).checked()
    first = take(options, 0, 6)
    for step in (1, 2, 5):
        for a, b in zip(first[step:], take(options, step, 6 - step)):
            assert torch.equal(a, b)
    assert first[0].shape == (2, 3, 16, 16) and first[0].dtype == torch.uint8
    assert not torch.equal(first[0], take(small(tmp_path, **more, seed=1).checked(), 0, 1)[0])


def test_live_images_are_those_of_the_generator(tmp_path, binary):
    options = small(tmp_path, augment=False, seed=9, binary=binary).checked()
    with LeafLitter(preset="dead-leaves", size=16, seed=9, binary=binary, length=100) as images:
        for step, batch in zip(itertools.count(3), take(options, 3, 4)):
            assert torch.equal(batch, torch.stack([images[2 * step], images[2 * step + 1]]))
    grey = take(small(tmp_path, grey=True, binary=binary).checked(), 0, 1)[0]
    assert grey.shape == (2, 1, 16, 16)
    assert [t.name for t in threading.enumerate() if t.name.startswith("leaflitter")] == []  # nor a process: see binary


def test_all_eight_turns_and_flips(tmp_path):
    image = np.arange(3 * 16 * 16, dtype=np.uint16).astype(np.uint8).reshape(1, 3, 16, 16)
    options = small(tmp_path)
    seen = {data._turned(image, options, step).tobytes() for step in range(100)}
    square = [np.rot90(flipped, k, (2, 3)) for flipped in (image, image[..., ::-1]) for k in range(4)]
    assert seen == {np.ascontiguousarray(turned).tobytes() for turned in square} and len(seen) == 8
    assert data._turned(image, small(tmp_path, augment=False), 3) is image


def test_memory_is_every_image_once_an_epoch(tmp_path):
    options = small(tmp_path, memory=6, augment=False).checked()
    first = [image.numpy().tobytes() for batch in take(options, 0, 6) for image in batch]
    whole = {image.numpy().tobytes() for batch in take(small(tmp_path, augment=False).checked(), 0, 3) for image in batch}
    assert set(first[:6]) == set(first[6:]) == whole and len(whole) == 6 and first[:6] != first[6:]


def test_crops_reach_every_corner_of_every_photograph(tmp_path, photographs):
    options = small(tmp_path, photographs=photographs, preset=None, augment=False, batch=64).checked()
    crops = torch.cat(take(options, 0, 40)).numpy()
    for photograph, (height, width) in ((200, (40, 60)), (201, (50, 30))):
        mine = crops[crops[:, 2, 0, 0] == photograph]
        assert abs(len(mine) / len(crops) - 0.5) < 0.05
        for axis, n in ((0, height), (1, width)):
            places = mine[:, axis, 0, 0]
            assert set(places) == set(range(n - 16 + 1))
    y, x = np.mgrid[:16, :16]
    assert (crops[:, 0] == crops[:, 0, :1, :1] + y).all() and (crops[:, 1] == crops[:, 1, :1, :1] + x).all()


def test_the_digest_is_of_what_is_trained_on(tmp_path, photographs):
    folder = Path(photographs)

    def digest(**more):
        return small(tmp_path, preset=None, **more).checked().files

    first = digest(photographs=photographs)
    for other in ("run/checkpoint.pt", "below/x.png", ".hidden.png", "notes.txt"):
        (folder / other).parent.mkdir(exist_ok=True)
        (folder / other).write_bytes(b"x")
    assert digest(photographs=photographs) == first
    deep = digest(photos=photographs)
    (folder / "below" / "x.png").write_bytes(b"y!")
    assert digest(photographs=photographs) == first and digest(photos=photographs) != deep
    (folder / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    before = digest(photos=photographs)
    (tmp_path / "elsewhere" / "z.jpg").write_bytes(b"z")
    assert digest(photos=photographs) != before
    image = bytearray((folder / "0.png").read_bytes())
    image[-20] ^= 1
    (folder / "0.png").write_bytes(image)  # of the same size
    assert digest(photographs=photographs) != first
    with pytest.raises(LeafLitterError, match="there is no directory .* of photos"):
        digest(photos=str(tmp_path / "nowhere"))


def test_a_silent_generator_is_left_at_once(tmp_path):
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 300\n")
    silent.chmod(0o755)
    began = time.monotonic()
    with data.batches(small(tmp_path, binary=str(silent)).checked(), 0):
        pass
    assert time.monotonic() - began < 8
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith("leaflitter")], "the thread runs on")


def test_photographs_that_are_too_small(tmp_path, photographs):
    with pytest.raises(LeafLitterError, match=r"the photograph 1 is 30 x 50, less than the patch of 32"):
        take(small(tmp_path, photographs=photographs, preset=None, patch=32).checked(), 0, 1)
    with pytest.raises(LeafLitterError, match="nowhere"):
        take(small(tmp_path, photographs=str(tmp_path / "nowhere"), preset=None).checked(), 0, 1)


def test_what_the_generator_refuses(tmp_path):
    with pytest.raises(LeafLitterError, match="no-such-preset"):
        take(small(tmp_path, preset="no-such-preset").checked(), 0, 1)


def test_noise_is_of_the_sigma_that_is_told():
    images = torch.full((64, 3, 32, 32), 128, dtype=torch.uint8)
    given, clean, sigma = degrade.pairs(images, parse("denoise:10-50"), seed=3, step=5)
    assert torch.equal(clean, images / 255) and 10 / 255 <= sigma.min() and sigma.max() <= 50 / 255
    assert sigma.std() > 0.02  # of a uniform variable: 0.045
    z = (given - clean) / sigma.view(-1, 1, 1, 1)
    assert abs(z.mean()) < 5 / z.numel() ** 0.5 and (z.flatten(1).std(1) - 1).abs().max() < 5 / (2 * 3072) ** 0.5
    again = degrade.pairs(images, parse("denoise:10-50"), seed=3, step=5)
    assert torch.equal(given, again[0]) and torch.equal(sigma, again[2])
    for other in (degrade.pairs(images, parse("denoise:10-50"), seed=3, step=6), degrade.pairs(images, parse("denoise:10-50"), seed=4, step=5)):
        assert abs(torch.corrcoef(torch.stack([(other[0] - clean).flatten(), (given - clean).flatten()]))[0, 1]) < 0.02
    assert (degrade.pairs(images, parse("denoise:25"), 0, 0)[2] == 25 / 255).all()


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_low_resolution_is_that_of_the_evaluation(scale):
    image = np.random.RandomState(0).randint(0, 256, (36, 48, 3)).astype(np.uint8)
    given, clean, sigma = degrade.pairs(torch.from_numpy(image.transpose(2, 0, 1)[None].copy()), parse(f"sr:x{scale}"), 0, 0)
    assert sigma is None and clean.shape[-2:] == (36, 48) and given.shape[-2:] == (Fraction(36, scale), Fraction(48, scale))
    assert torch.equal(given[0], case("", image, parse(f"sr:x{scale}"), 0, 0).given)


def test_schedules():
    cosine = [schedule.rate("cosine", 1.0, step, 100) for step in range(101)]
    assert cosine[0] == 1 and cosine[50] == pytest.approx(0.5) and cosine[100] == pytest.approx(0, abs=1e-12)
    assert cosine == sorted(cosine, reverse=True)
    assert {schedule.rate("constant", 0.3, step, 100) for step in range(100)} == {0.3}
    assert [schedule.rate("halve:10", 8.0, step, 100) for step in (0, 9, 10, 19, 20, 30)] == [8, 8, 4, 4, 2, 1]
    assert [schedule.rate("constant", 1.0, step, 100, warmup=4) for step in range(6)] == [0.25, 0.5, 0.75, 1, 1, 1]
    for text in ("linear", "halve", "halve:0", "halve:-1", "halve:1.5", ""):
        with pytest.raises(LeafLitterError, match="no schedule"):
            schedule.check(text)


def test_the_moving_average():
    ema, count = {"w": torch.zeros(2), "n": torch.tensor(0)}, torch.tensor(7)
    for value in (1.0, 2.0, 4.0):
        average(ema, {"w": torch.full((2,), value), "n": count}, 0.5)
    assert ema["w"].tolist() == [2.625, 2.625] and ema["n"] == 7
