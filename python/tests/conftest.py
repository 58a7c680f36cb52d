"""The generator that the tests run, and what it wrote as files."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, Dict, List

import cv2
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "python" / "src"))

# Images of disks: they are made in no time.
QUICK = {"preset": "dead-leaves", "size": "48x32", "seed": 5}


def real_binary() -> Path:
    """$LEAFLITTER_BINARY, else what make build made."""
    given = os.environ.get("LEAFLITTER_BINARY")
    for path in [Path(given)] if given else [ROOT / "bin" / "leaflitter-cpu", ROOT / "bin" / "leaflitter"]:
        if os.access(path, os.X_OK):
            return path.absolute()
    raise FileNotFoundError(f"{given or 'bin/leaflitter-cpu'} is not there: run make build, or set LEAFLITTER_BINARY")


@pytest.fixture
def binary(tmp_path: Path):
    """A name of the generator that only this test uses; afterwards none may run by it."""
    link = tmp_path / "leaflitter"
    link.symlink_to(real_binary())
    yield str(link)
    assert left(str(link)) == [], "the test left generators behind"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Photographs and published weights, which are not part of the project."""
    path = ROOT.parent / "shared"
    if not (path / "weights").is_dir() or not (path / "photos" / "eval").is_dir():
        pytest.skip("needs ../shared: photographs and published checkpoints, which are not part of the project")
    return path


def processes() -> Dict[int, List[str]]:
    """Parent, state and command line of every process."""
    out = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                stat = Path(f"/proc/{name}/stat").read_text().rsplit(")", 1)
                line = Path(f"/proc/{name}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
            state, parent = stat[1].split()[:2]
            out[int(name)] = [parent, state, line or stat[0]]
    return out


def generators(binary: str) -> List[int]:
    """The processes that run by this name."""
    return [pid for pid, (_, _, line) in processes().items() if line.startswith(binary + " ")]


def zombies() -> List[int]:
    """Children of this process that nobody waited for, other than PyTorch's own."""
    return [pid for pid, (parent, state, line) in processes().items() if int(parent) == os.getpid() and state == "Z" and "(python" not in line]


def left(binary: str, seconds: float = 10.0) -> List[str]:
    """What still runs, or waits to be waited for, after some seconds; for a person to read."""
    end = time.monotonic() + seconds
    while True:
        found = generators(binary) + zombies()
        if not found:
            return []
        if time.monotonic() > end:
            return [f"{pid} {' '.join(processes().get(pid, ['ended at last']))}" for pid in found]
        time.sleep(0.05)


def until(condition: Callable[[], object], what: str, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def picture(path: Path) -> np.ndarray:
    """A PNG as the datasets give it: C x H x W, labels H x W."""
    data = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert data is not None, path
    return data[..., ::-1].transpose(2, 0, 1) if data.ndim == 3 else data


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, str], np.ndarray]:
    """pictures(i, kind): image i of QUICK, or its label, read from the file that generate wrote."""
    folder = tmp_path_factory.mktemp("generate") / "set"
    command = [str(real_binary()), "generate", "-o", str(folder), "--count", "192", "--labels", "id,layer,depth,edge", "--quiet"]
    subprocess.run(command + [f"--{k}={v}" for k, v in QUICK.items()], check=True)

    def read(index: int, kind: str = "") -> np.ndarray:
        return picture(folder / f"{index:06d}{kind and '.' + kind}.png")

    return read


@pytest.fixture(scope="session")
def index_of(pictures: Callable[..., np.ndarray]) -> Callable[[object], int]:
    """index_of(image): which image of QUICK this is."""
    known = {pictures(i).tobytes(): i for i in range(192)}
    assert len(known) == 192
    return lambda image: known[np.ascontiguousarray(np.asarray(image)).tobytes()]
