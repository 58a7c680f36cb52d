"""The evaluator against the published FFDNet checkpoints, on photographs."""

import os

import pytest

from leaflitter.evaluate import evaluate
from leaflitter.networks import Spec
from leaflitter.networks.weights import load
from leaflitter.restore.images import read, read_folder

# PSNR in dB on McMaster at sigma 15, 25 and 50, as measured for this project by other code.
MCMASTER = {
    "deadleaves": (33.30, 31.12, 28.20),
    "deadleavespp": (34.03, 31.86, 28.80),
    "photographs": (34.55, 32.34, 29.27),
}
# PSNR and SSIM of this evaluator at sigma 25 in 128 x 128 pixels of two of the images.
CUTS = {
    "deadleaves": ((26.907, 0.8258), (30.009, 0.8440)),
    "deadleavespp": ((27.461, 0.8400), (30.965, 0.8701)),
    "photographs": ((28.053, 0.8542), (31.536, 0.8850)),
}


def published(shared, name):
    return load(shared / "weights" / f"ffdnet-color-{name}.pth")


@pytest.mark.parametrize("name", CUTS)
def test_published_checkpoints_restore_pieces_as_before(shared, name):
    files = [shared / "photos" / "eval" / f"mcmaster-{i}.png" for i in ("01", "09")]
    report = evaluate(published(shared, name), [(f.stem, read(f)[100:228, 100:228]) for f in files], "denoise:25")
    assert report.spec == Spec("ffdnet")
    for row, (psnr, ssim) in zip(report.rows, CUTS[name]):
        assert row.psnr == pytest.approx(psnr, abs=0.005) and row.ssim == pytest.approx(ssim, abs=0.0005)


@pytest.mark.skipif(os.environ.get("LEAFLITTER_CAMPAIGN") != "1", reason="takes minutes: make campaign sets LEAFLITTER_CAMPAIGN=1")
@pytest.mark.parametrize("name", MCMASTER)
def test_published_checkpoints_give_their_psnr_on_mcmaster(shared, name):
    network, images = published(shared, name), read_folder(shared / "photos" / "eval")
    assert len(images) == 18
    for sigma, expected in zip((15, 25, 50), MCMASTER[name]):
        assert evaluate(network, images, f"denoise:{sigma}").psnr == pytest.approx(expected, abs=0.05), sigma
