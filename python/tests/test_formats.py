"""A thousand images in every format, read by those who will read them: each pixel is that
of `generate --format png`."""

import json
import subprocess
import tarfile
from pathlib import Path
from typing import Callable, Dict

import h5py
import numpy as np
import pytest
import torch
import webdataset as wds
from torch.utils.data import DataLoader

from conftest import picture, real_binary
from consumers import basicsr

COUNT, START, SIDE = 1000, 7, 48


def generate(folder: Path, *more: str) -> Path:
    command = [str(real_binary()), "generate", "-o", str(folder), "--preset=dead-leaves", f"--size={SIDE}", "--seed=5"]
    subprocess.run([*command, f"--start={START}", f"--count={COUNT}", "--quiet", *more], check=True)
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """made(*flags): a dataset of these flags, made once."""
    done: Dict[str, Path] = {}

    def make(*more: str) -> Path:
        name = "_".join(more).replace("/", "")
        if name not in done:
            done[name] = generate(tmp_path_factory.mktemp("set") / "data", *more)
        return done[name]

    return make


@pytest.fixture(scope="module")
def want(made: Callable[..., Path]) -> np.ndarray:
    """Every image as its PNG file has it, COUNT x H x W x C."""
    folder = made()
    return np.stack([picture(folder / f"{START + i:06d}.png").transpose(1, 2, 0) for i in range(COUNT)])


SHARDS = ("--shard-size=300",)  # 300, 300, 300, 100


def test_numpy(made, want) -> None:
    folder = made("--format=npy", "--labels=id", *SHARDS)
    at = 0
    for path in sorted(folder.glob("*.npy")):
        shard = np.load(path, mmap_mode="r")
        assert isinstance(shard, np.memmap) and shard.dtype == np.uint8 and shard.flags.c_contiguous
        assert np.array_equal(shard, want[at : at + len(shard)])
        ids = np.load(folder / "id" / path.name, mmap_mode="r")
        assert ids.dtype == np.uint32 and ids.shape == shard.shape[:3] and ids.min() >= 1
        at += len(shard)
    assert at == COUNT


def test_hdf5_patches(made, want) -> None:
    """As the published training code reads: a folder of files, their keys, C x H x W each."""
    folder = made("--format=hdf5", *SHARDS)
    names = []
    for path in sorted(folder.glob("*.h5")):
        with h5py.File(path, "r") as f:
            for key in f.keys():
                patch = np.array(f[key])
                assert patch.dtype == np.uint8 and np.array_equal(patch.transpose(1, 2, 0), want[int(key) - START])
                names.append(int(key))
    assert names == list(range(START, START + COUNT))


def test_hdf5_array(made, want) -> None:
    folder = made("--format=hdf5", "--layout=array", *SHARDS)
    parts = [np.array(h5py.File(p, "r")["images"]) for p in sorted(folder.glob("*.h5"))]
    assert np.array_equal(np.concatenate(parts), want)


@pytest.mark.parametrize("member", ["png", "npy"])
@pytest.mark.parametrize("workers", [0, 2])
def test_webdataset(made, want, member: str, workers: int) -> None:
    folder = made("--format=webdataset", f"--member={member}", *SHARDS)
    shards = str(folder / "{000000..000003}.tar")
    data = wds.WebDataset(shards, shardshuffle=False).decode("rgb8").to_tuple("__key__", member, "json")
    seen = set()
    for key, image, about in DataLoader(data, batch_size=None, num_workers=workers):
        index = int(key)
        assert about["index"] == index and about["seed"] == 5 and about["radii"] == [10, 500]
        assert np.array_equal(np.asarray(image), want[index - START])
        seen.add(index)
    assert seen == set(range(START, START + COUNT))


def test_tar_is_plain(made) -> None:
    """Sorted and grouped members, with nothing of the machine or the hour in them."""
    folder = made("--format=webdataset", "--labels=id,depth", *SHARDS)
    with tarfile.open(folder / "000003.tar") as archive:
        members = archive.getmembers()
    names = [m.name for m in members]
    assert names == sorted(names) and len(names) == 100 * 4
    assert names[:4] == [f"000000907.{k}" for k in ("depth.png", "id.png", "json", "png")]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {(0, 0, 0, "", "", 0o644)}
    manifest = json.loads((folder / "manifest.json").read_text())
    with tarfile.open(folder / "000000.tar") as archive:
        about = json.load(archive.extractfile("000000007.json"))
    assert about["config"] == manifest["config_sha256"] and about["palettes"] == manifest["palette"]["hash"]
    assert about["leaves"] and all(len(leaf) == 3 and 10 <= leaf[2] <= 500 for leaf in about["leaves"])


def as_bytes(image: torch.Tensor) -> np.ndarray:
    """BasicSR's C x H x W floats in [0, 1] as they were in the file."""
    return np.rint(image.numpy().transpose(1, 2, 0) * 255).astype(np.uint8)


def test_basicsr_paired(made, want) -> None:
    folder = made("--format=png", "--layout=basicsr", "--pairs=sr:x4", *SHARDS)
    lines = (folder / "meta_info.txt").read_text().splitlines()
    assert len(lines) == COUNT and lines[0] == f"000000007.png ({SIDE},{SIDE},3)"
    options = {
        "dataroot_gt": str(folder / "GT"), "dataroot_lq": str(folder / "LQ"), "io_backend": {"type": "disk"},
        "meta_info_file": str(folder / "meta_info.txt"), "scale": 4, "phase": "val",
    }  # fmt: skip
    paired = basicsr("paired_image_dataset", "PairedImageDataset")
    for given in (options, {k: v for k, v in options.items() if k != "meta_info_file"}):
        data = paired({**given, "io_backend": {"type": "disk"}})  # it takes the type away
        assert len(data) == COUNT
        for item in (data[i] for i in range(COUNT)):
            assert Path(item["gt_path"]).name == Path(item["lq_path"]).name
            index = int(Path(item["gt_path"]).stem)
            assert item["lq"].shape == (3, SIDE // 4, SIDE // 4)
            assert np.array_equal(as_bytes(item["gt"]), want[index - START])


def test_basicsr_single(made, want) -> None:
    folder = made("--format=png", "--layout=basicsr", *SHARDS)
    data = basicsr("single_image_dataset", "SingleImageDataset")({"dataroot_lq": str(folder / "GT"), "io_backend": {"type": "disk"}})
    assert len(data) == COUNT
    for item in (data[i] for i in range(COUNT)):
        assert np.array_equal(as_bytes(item["lq"]), want[int(Path(item["lq_path"]).stem) - START])


def test_kair_pairs_by_sorted_names(made, want) -> None:
    """KAIR (not on any registry) walks both roots, sorts, and pairs by position."""
    folder = made("--format=png", "--layout=basicsr", "--pairs=sr:x4", *SHARDS)
    high, low = ([p for p in sorted((folder / d).rglob("*")) if p.suffix == ".png"] for d in ("GT", "LQ"))
    assert [p.name for p in high] == [p.name for p in low] and len(high) == COUNT
    assert np.array_equal(picture(high[5]).transpose(1, 2, 0), want[5])


def test_noise_pairs_of_floats(made, want) -> None:
    folder = made("--format=npy", "--pairs=noise:gaussian:25:float", *SHARDS)
    parts = [np.load(folder / d / "000001.npy", mmap_mode="r") for d in ("GT", "LQ")]
    assert np.array_equal(parts[0], want[300:600]) and parts[1].dtype == np.float32
    noise = parts[1].astype(np.float64) - parts[0]
    assert abs(noise.std() - 25) < 0.1 and abs(noise.mean()) < 0.1 and parts[1].min() < -10
