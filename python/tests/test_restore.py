"""Resizing, noise, metrics and images against BasicSR, the generator and hand values."""

import subprocess
from fractions import Fraction

import cv2
import numpy as np
import pytest
import torch

from conftest import real_binary
from consumers import basicsr_of
from leaflitter import LeafLitterError
from leaflitter.restore.images import read, read_folder
from leaflitter.restore.metrics import luma, psnr, ssim
from leaflitter.restore.noise import gaussian, seed_of
from leaflitter.restore.resize import imresize, quantised

RNG = np.random.RandomState(0)
NOISE = RNG.randint(0, 256, (60, 72, 3), np.uint8)
SMOOTH = cv2.GaussianBlur(RNG.randint(0, 256, (60, 72, 3), np.uint8), (0, 0), 3)


def tensor(image):
    return torch.from_numpy(image).movedim(-1, 0).double() / 255


# Resizing


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1, 3), 0.25, 0.75, 1.5, 2])
@pytest.mark.parametrize("image", [NOISE, SMOOTH], ids=["noise", "smooth"])
def test_resizing_equals_basicsrs(image, scale):
    theirs = basicsr_of("utils.matlab_functions", "imresize")(image / 255.0, float(scale))
    ours = imresize(tensor(image), scale).movedim(0, -1).numpy()
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < 1e-5  # BasicSR's weights are float32


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_low_resolutions_equal_the_generators(scale, tmp_path):
    command = [str(real_binary()), "generate", "-o", str(tmp_path / "p"), "--preset", "dead-leaves", "--size", "96x96", "--count", "4", "--pairs", f"sr:x{scale}", "--quiet"]
    subprocess.run(command, check=True)
    low, high = ([image for _, image in read_folder(tmp_path / "p" / kind)] for kind in ("LQ", "GT"))
    ours = [np.uint8(quantised(imresize(tensor(h), Fraction(1, scale))).movedim(0, -1).numpy() * 255 + 0.5) for h in high]
    assert len(ours) == 4 and ours[0].shape == low[0].shape
    assert np.mean(np.array(ours) == np.array(low)) >= 0.999


def test_resizing_keeps_constants_and_straight_ramps():
    x = torch.arange(32.0).expand(3, 32, 32)
    assert torch.allclose(imresize(torch.full((2, 3, 9, 7), 0.3), 0.4), torch.tensor(0.3))
    inner = imresize(x, 2)[0, 10, 8:-8]
    assert torch.allclose(inner, (torch.arange(64.0)[8:-8] + 0.5) / 2 - 0.5, atol=1e-5)


def test_resizing_takes_sizes_of_its_own_and_any_leading_dimensions():
    assert imresize(torch.rand(5, 2, 3, 20, 30), (7, 61)).shape == (5, 2, 3, 7, 61)
    assert imresize(torch.rand(500, 500), 0.1).shape == (50, 50)
    assert imresize(torch.rand(7, 9), Fraction(1, 2)).shape == (4, 5)  # rounded up, as MATLAB does
    x = torch.rand(8, 8)
    assert torch.allclose(imresize(x, (4, 4)), imresize(x, 0.5)) and torch.allclose(imresize(x, 1), x)


def test_resizing_is_exact_under_autocast():
    x = torch.rand(3, 32, 32)
    expected = imresize(x.double(), 0.5).float()
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(imresize(x, 0.5), expected)


def test_resizing_to_nothing_is_refused():
    for scale in (0, -1, float("nan"), (0, 3)):
        with pytest.raises(LeafLitterError, match="cannot be resized"):
            imresize(torch.rand(4, 4), scale)


def test_eight_bits_are_rounded_halves_up_and_clipped():
    x = torch.tensor([-0.1, 0.0, 0.5, 1.4 / 255, 1.6 / 255, 1.0, 1.2], dtype=torch.float64)
    assert (quantised(x) * 255).round().tolist() == [0, 0, 128, 1, 2, 255, 255]
    levels = torch.arange(256) / 255
    assert torch.equal(quantised(levels), levels)


# Noise


def test_noise_is_frozen():
    assert gaussian((2, 2), 0).ravel().tolist() == pytest.approx([1.764052, 0.400157, 0.978738, 2.240893], abs=1e-6)  # NumPy's of old
    assert gaussian((3, 4), 1).dtype == np.float32
    assert seed_of("mcmaster-01", 0) == 294632335
    many = gaussian((300, 300), 5)
    assert abs(many.mean()) < 0.01 and abs(many.std() - 1) < 0.01


# Metrics


def test_psnr_by_hand():
    a = np.zeros((4, 4, 3), np.uint8)
    assert psnr(a, a + 1) == pytest.approx(48.1308, abs=1e-4)  # 20 log10 255
    assert psnr(a, a + 255) == 0
    assert psnr(a, a) == float("inf")
    b = a.copy()
    b[0] = 200
    assert psnr(a, b, border=1) == float("inf") and psnr(a, b) < 20


def test_ssim_by_hand():
    a = np.full((11, 11), 100, np.uint8)
    assert ssim(a, a) == 1
    assert ssim(a, a + 50) == pytest.approx((2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025), abs=1e-9)  # of constants only the means count


@pytest.mark.parametrize("border", [0, 3])
@pytest.mark.parametrize("y", [False, True], ids=["rgb", "y"])
def test_metrics_equal_basicsrs(border, y):
    a, b = SMOOTH, np.uint8(np.clip(SMOOTH + RNG.normal(0, 20, SMOOTH.shape), 0, 255))
    theirs = [basicsr_of("metrics.psnr_ssim", f"calculate_{name}")(a[..., ::-1], b[..., ::-1], border, test_y_channel=y) for name in ("psnr", "ssim")]
    if y:
        a, b = luma(a), luma(b)
    assert psnr(a, b, border) == pytest.approx(theirs[0], abs=1e-4)
    assert ssim(a, b, border) == pytest.approx(theirs[1], abs=1e-5)


def test_luma_by_hand():
    image = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], np.uint8)
    assert luma(image)[0].tolist() == pytest.approx([16, 235, 81.481])


def test_images_that_cannot_be_compared_are_named():
    with pytest.raises(LeafLitterError, match="one shape"):
        psnr(np.zeros((4, 4)), np.zeros((4, 5)))
    with pytest.raises(LeafLitterError, match="too small"):
        psnr(np.zeros((4, 4)), np.zeros((4, 4)), border=2)
    with pytest.raises(LeafLitterError, match="11 x 11"):
        ssim(np.zeros((10, 20)), np.zeros((10, 20)))


# Images


def test_images_are_read_in_order_as_rgb(tmp_path):
    cv2.imwrite(str(tmp_path / "b.png"), SMOOTH[..., ::-1])
    cv2.imwrite(str(tmp_path / "a.PNG"), np.dstack([NOISE[..., ::-1], NOISE[..., :1]]))  # transparency is dropped
    cv2.imwrite(str(tmp_path / "c.bmp"), NOISE[..., 0])
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden.png").write_text("no image")
    found = read_folder(tmp_path)
    assert [name for name, _ in found] == ["a", "b", "c"]
    assert np.array_equal(found[0][1], NOISE) and np.array_equal(found[1][1], SMOOTH)
    assert np.array_equal(found[2][1], NOISE[..., :1].repeat(3, 2))
    cv2.imwrite(str(tmp_path / "b.bmp"), NOISE)
    assert [name for name, _ in read_folder(tmp_path)] == ["a", "b.bmp", "b.png", "c"]
    (tmp_path / "b.bmp").unlink()
    grey = read_folder(tmp_path, grey=True)
    assert grey[1][1].shape == (60, 72, 1)
    assert np.abs(grey[1][1][..., 0] - SMOOTH @ np.array([0.299, 0.587, 0.114])).max() <= 1


def test_images_that_cannot_be_read_are_named(tmp_path):
    cv2.imwrite(str(tmp_path / "good.png"), NOISE)
    data = (tmp_path / "good.png").read_bytes()
    (tmp_path / "torn.png").write_bytes(data[:2000])
    (tmp_path / "text.png").write_text("no image")
    cv2.imwrite(str(tmp_path / "deep.png"), np.full((4, 4), 40_000, np.uint16))
    for name, words in [("torn", "cannot be read"), ("text", "not an image"), ("deep", "8 bits"), ("absent", "cannot be read")]:
        with pytest.raises(LeafLitterError, match=words) as caught:
            read(tmp_path / f"{name}.png")
        assert f"{name}.png" in str(caught.value)
    (tmp_path / "empty").mkdir()
    with pytest.raises(LeafLitterError, match="there are no images"):
        read_folder(tmp_path / "empty")
    with pytest.raises(LeafLitterError, match="give a folder"):
        read_folder(tmp_path / "absent")
    with pytest.raises(LeafLitterError, match="give a folder"):
        read_folder(tmp_path / "good.png")
