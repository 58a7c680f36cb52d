"""Shifts of the test images, each by a property that it must have."""

import numpy as np
import pytest

from leaflitter import LeafLitterError
from leaflitter.evaluate.shifts import NONE, contrasted, exposed, hue_turned, rescaled, rotated, shifts

RNG = np.random.RandomState(3)
IMAGE = RNG.randint(0, 256, (40, 56, 3), np.uint8)


def pattern(height, width, value):
    """uint8 height x width x 1 of value(x, y), places counted from the centre."""
    y, x = np.mgrid[:height, :width]
    return np.uint8(value(x - (width - 1) / 2, y - (height - 1) / 2) + 0.5)[..., None]


def linear(image):
    srgb = image / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


# Rotation


@pytest.mark.parametrize("image", [IMAGE, IMAGE[:, :40], IMAGE[..., :1]], ids=["wide", "square", "grey"])
def test_quarter_turns_lose_nothing(image):
    assert np.array_equal(rotated(image, 90), np.rot90(image))
    assert np.array_equal(rotated(image, -90), np.rot90(image, -1))
    assert np.array_equal(rotated(image, 0), image) and np.array_equal(rotated(image, 360), image)
    turned = image
    for _ in range(4):
        turned = rotated(turned, 90)
    assert np.array_equal(turned, image)


@pytest.mark.parametrize("degrees", [7, 23, 45, 67, 130, -31])
def test_turning_a_radial_image_changes_nothing(degrees):
    def radial(x, y):
        return 128 + 100 * np.cos(np.hypot(x, y) / 5)

    turned = rotated(pattern(151, 120, radial), degrees)
    assert np.abs(turned.astype(int) - pattern(*turned.shape[:2], radial)).max() <= 2


@pytest.mark.parametrize("degrees", [7, 45, 67])
def test_a_gradient_turns_by_the_angle(degrees):
    turned = rotated(pattern(151, 151, lambda x, y: 128 + x), degrees)[..., 0].astype(float)
    down, right = np.gradient(turned)
    # Anticlockwise with y downwards: what pointed right points up.
    assert right.mean() == pytest.approx(np.cos(np.radians(degrees)), abs=0.01)
    assert down.mean() == pytest.approx(-np.sin(np.radians(degrees)), abs=0.01)


@pytest.mark.parametrize("height, width", [(100, 100), (100, 160), (160, 100), (40, 400)])
@pytest.mark.parametrize("degrees", [7, 23, 45, 67, 100])
def test_the_largest_upright_rectangle_is_cut(height, width, degrees):
    sine, cosine = abs(np.sin(np.radians(degrees))), abs(np.cos(np.radians(degrees)))
    rows, columns = (n - 1 for n in rotated(np.zeros((height, width, 1), np.uint8), degrees).shape[:2])
    assert columns * cosine + rows * sine <= width - 1 + 1e-3 and columns * sine + rows * cosine <= height - 1 + 1e-3
    # By brute force: for each width the largest height.
    w = np.arange(1, 400)
    h = np.minimum((width - 1 - w * cosine) / max(sine, 1e-9), (height - 1 - w * sine) / max(cosine, 1e-9))
    assert (columns + 1) * (rows + 1) >= 0.999 * (w * h).max()


def test_a_turned_white_image_has_no_dark_corner():
    assert rotated(np.full((50, 70, 3), 255, np.uint8), 23).min() == 255


# Scale, exposure, contrast


def test_rescaling_changes_the_size_only_of_a_constant():
    assert rescaled(IMAGE, 0.75).shape == (30, 42, 3) and rescaled(IMAGE, 1.5).shape == (60, 84, 3)
    assert np.unique(rescaled(np.full((20, 20, 3), 77, np.uint8), 0.5)).tolist() == [77]
    assert np.array_equal(rescaled(IMAGE, 1), IMAGE)


@pytest.mark.parametrize("ev", [-1, -0.5, 0.5, 1])
def test_exposure_multiplies_linear_light(ev):
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    found, expected = linear(exposed(levels, ev)), np.minimum(linear(levels) * 2**ev, 1)
    assert np.abs(found - expected).max() < 0.005  # half a level of 255, where sRGB is steepest
    assert np.array_equal(exposed(levels, 0), levels)
    assert exposed(levels, ev)[-1, -1] == (255 if ev > 0 else round(255 * (1.055 * 2 ** (ev / 2.4) - 0.055)))


def test_contrast_is_about_the_mean():
    image = RNG.randint(90, 160, (30, 30, 3), np.uint8)
    for factor in (0.5, 0.75, 1.5):
        changed = contrasted(image, factor)
        assert changed.mean() == pytest.approx(image.mean(), abs=0.3)
        assert changed.std() == pytest.approx(factor * image.std(), rel=0.02)
    assert np.array_equal(contrasted(image, 1), image)
    assert contrasted(IMAGE, 4).min() == 0 and contrasted(IMAGE, 4).max() == 255


# Hue


def test_a_third_of_a_turn_exchanges_channels():
    assert np.array_equal(hue_turned(IMAGE, 120), IMAGE[..., [2, 0, 1]])  # red becomes green
    assert np.array_equal(hue_turned(IMAGE, 240), IMAGE[..., [1, 2, 0]])


def test_whole_turns_of_the_hue_change_nothing():
    assert np.array_equal(hue_turned(IMAGE, 0), IMAGE) and np.array_equal(hue_turned(IMAGE, 360), IMAGE)
    half = hue_turned(IMAGE, 180)
    assert not np.array_equal(half, IMAGE) and np.array_equal(hue_turned(half, 180), IMAGE)


@pytest.mark.parametrize("degrees", [30, 60, 180])
def test_hue_keeps_value_and_saturation(degrees):
    turned = hue_turned(IMAGE, degrees)
    assert np.array_equal(turned.max(2), IMAGE.max(2)) and np.array_equal(turned.min(2), IMAGE.min(2))
    grey = IMAGE[..., :1].repeat(3, 2)
    assert np.array_equal(hue_turned(grey, degrees), grey)


def test_sixty_degrees_make_yellow_of_red():
    assert hue_turned(np.array([[[200, 0, 0]]], np.uint8), 60).tolist() == [[[200, 200, 0]]]
    with pytest.raises(LeafLitterError, match="grey"):
        hue_turned(IMAGE[..., :1], 60)


# All of them


def test_every_shift_changes_an_image_and_keeps_it_eight_bits():
    assert [kind for kind in dict.fromkeys(s.kind for s in shifts(3))] == ["none", "rotation", "scale", "exposure", "contrast", "hue"]
    assert "hue" not in {s.kind for s in shifts(1)}
    for channels in (1, 3):
        image = IMAGE[..., :channels]
        changed = [shift.apply(image) for shift in shifts(channels)]
        assert all(c.dtype == np.uint8 and c.shape[2] == channels for c in changed)
        assert len({c.tobytes() for c in changed}) == len(changed)
    assert NONE.apply(IMAGE) is IMAGE and str(NONE) == "none" and str(shifts(3)[1]) == "rotation 7°"
