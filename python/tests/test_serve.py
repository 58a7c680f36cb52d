"""The virtual dataset of `leaflitter serve`, read by webdataset over HTTP."""

import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import webdataset as wds
from torch.utils.data import DataLoader

from conftest import QUICK, real_binary


@pytest.fixture
def server():
    """The address of a server of QUICK, 20 images a shard."""
    command = [str(real_binary()), "serve", "--listen=127.0.0.1:0", "--shard-size=20", "--backend=cpu"]
    with subprocess.Popen(command + [f"--{k}={v}" for k, v in QUICK.items()], stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        address = next(line.split()[1].rstrip("/") for line in child.stderr if line.startswith("serving "))
        yield address
        child.terminate()


def test_webdataset(server: str, pictures) -> None:
    data = wds.WebDataset(server + "/shards/{000000..000003}.tar", shardshuffle=False).decode("rgb8").to_tuple("__key__", "png", "json")
    seen = set()
    for key, image, about in DataLoader(data, batch_size=None, num_workers=2):
        assert about["index"] == int(key)
        assert np.array_equal(np.asarray(image).transpose(2, 0, 1), pictures(int(key)))
        seen.add(int(key))
    assert seen == set(range(80))


def test_image_is_the_file(server: str, tmp_path: Path) -> None:
    command = [str(real_binary()), "generate", f"--output={tmp_path / 'set'}", "--start=90", "--count=1", "--quiet"]
    subprocess.run(command + [f"--{k}={v}" for k, v in QUICK.items()], check=True)
    with urllib.request.urlopen(server + "/images/90.png") as answer:
        assert answer.read() == (tmp_path / "set" / "000090.png").read_bytes()
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(server + "/images/90.jpg")
    assert error.value.code == 404 and "/images/4711.png" in error.value.read().decode()
