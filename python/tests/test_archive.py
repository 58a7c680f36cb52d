"""What leaflitter stream writes is read without this package."""

import gc
import io
import subprocess
import time
import tarfile

import numpy as np
import pytest
import webdataset as wds
from conftest import QUICK, generators, until


@pytest.fixture(autouse=True)
def waited(binary):
    """webdataset does not wait for the pipe that it drops; Python does at the next Popen."""
    yield
    gc.collect()
    until(lambda: not generators(binary), "the generator runs on")
    time.sleep(0.1)
    subprocess.Popen(["true"]).wait()


def command(binary, *more):
    return [binary, "stream", "--quiet", "--labels=id,depth", *(f"--{k}={v}" for k, v in QUICK.items()), *more]


def test_tarfile(binary, pictures):
    with subprocess.Popen(command(binary, "--batch=5", "--count=12", "--start=3"), stdout=subprocess.PIPE) as child:
        members = []
        with tarfile.open(fileobj=child.stdout, mode="r|") as archive:
            for member in archive:
                array = np.load(io.BytesIO(archive.extractfile(member).read()))
                members.append((member.name, array.shape, array.dtype))
                first, kind = int(member.name[:9]), member.name[10:-4]
                for i, image in enumerate(array):
                    want = pictures(first + i, kind)
                    assert np.array_equal(image, want if kind else want.transpose(1, 2, 0))
    assert child.returncode == 0
    assert members[0] == ("000000003.npy", (5, 32, 48, 3), np.uint8)
    assert members[-1] == ("000000013.depth.npy", (2, 32, 48), np.uint16)
    assert [m[0] for m in members[1:3]] == ["000000003.id.npy", "000000003.depth.npy"]


@pytest.mark.parametrize("workers", [0, 1])
def test_webdataset(binary, pictures, workers):
    pipe = "pipe:" + " ".join(command(binary, "--batch=4", "--count=10"))
    data = wds.WebDataset(pipe).decode().to_tuple("__key__", "npy", "id.npy", "depth.npy")
    data = data.map(lambda sample: (*sample[:2], *(label.astype(np.int32) for label in sample[2:])))  # PyTorch's types
    got = list(wds.WebLoader(data, batch_size=None, num_workers=workers))
    assert [key for key, *_ in got] == ["000000000", "000000004", "000000008"]
    for key, images, ids, depths in got:
        for i in range(len(images)):
            assert np.array_equal(images[i], pictures(int(key) + i).transpose(1, 2, 0))
            assert np.array_equal(ids[i], pictures(int(key) + i, "id")) and np.array_equal(depths[i], pictures(int(key) + i, "depth"))


def test_webdataset_may_stop_an_endless_stream(binary):
    data = wds.WebDataset("pipe:" + " ".join(command(binary))).decode().to_tuple("npy", "id.npy", "depth.npy")
    for n, (images, _, _) in enumerate(data):
        assert images.shape == (16, 32, 48, 3)
        if n == 5:
            break
