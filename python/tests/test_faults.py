"""Generators that are missing, refuse, die or hang; and that none is left behind."""

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from conftest import QUICK, ROOT, generators, left, until
from torch.utils.data import DataLoader

import leaflitter
from leaflitter import LeafLitter, LeafLitterError, LeafLitterStream, find_binary


def both(binary, **more):
    """Both datasets, and how each is read once."""
    options = {**QUICK, "binary": binary, **more}
    return [(LeafLitter(**options), lambda ds: ds[0]), (LeafLitterStream(**options), lambda ds: next(iter(ds)))]


def script(folder: Path, text: str) -> str:
    """A program that stands in for the generator."""
    path = folder / "stand-in"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def python(code: str, binary: str, **environment: str) -> "subprocess.Popen[str]":
    """A Python program of its own that may use BINARY and QUICK."""
    head = f"BINARY = {binary!r}\nQUICK = {QUICK!r}\nimport sys, os, time\nfrom leaflitter import *\n"
    env = {**os.environ, "PYTHONPATH": str(ROOT / "python" / "src"), "PYTHONWARNINGS": "ignore", **environment}
    return subprocess.Popen([sys.executable, "-c", head + textwrap.dedent(code)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_no_binary(tmp_path, monkeypatch, binary):
    monkeypatch.delenv("LEAFLITTER_BINARY", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    for make in (LeafLitter, LeafLitterStream):
        with pytest.raises(LeafLitterError, match="leaflitter program is not found; build it with make build and pass binary=, set LEAFLITTER_BINARY, or put"):
            make()
    with pytest.raises(LeafLitterError, match="binary=nowhere is no program"):
        LeafLitter(binary="nowhere")
    monkeypatch.setenv("LEAFLITTER_BINARY", str(tmp_path))
    with pytest.raises(LeafLitterError, match=f"LEAFLITTER_BINARY={tmp_path} is no program"):
        LeafLitter()
    monkeypatch.setenv("LEAFLITTER_BINARY", binary)
    assert find_binary() == binary
    monkeypatch.delenv("LEAFLITTER_BINARY")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binary() == binary
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF no program")
    broken.chmod(0o755)
    with pytest.raises(LeafLitterError, match="broken cannot be started: Exec format error"):
        LeafLitter(binary=broken)[0]


@pytest.mark.parametrize("workers", [0, 2])
def test_bad_settings_are_the_generators_words(binary, workers):
    for more, words in [
        ({"preset": "dead-leafs"}, r"exit code 2: leaflitter: --preset dead-leafs: no such preset; choose one of .*did you mean dead-leaves\?"),
        ({"set": {"leaves.r_min": -1}}, "leaves.r_min: -1 is out of range"),
        ({"palette": "nowhere.pal"}, "exit code 1: leaflitter: .*nowhere.pal"),
    ]:
        for ds, _ in both(binary, **more):
            with pytest.raises(LeafLitterError, match=words):
                next(iter(DataLoader(ds, batch_size=4, num_workers=workers)))
            assert left(binary) == []


def test_killed(binary, pictures):
    for ds, read in both(binary):
        read(ds)
        if isinstance(ds, LeafLitterStream):
            images = iter(ds)
            read = lambda _: [next(images) for _ in range(5000)]
            next(images)
        [pid] = generators(binary)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(LeafLitterError, match="the generator was killed by signal 9"):
            read(ds)
        assert left(binary) == []
        if isinstance(ds, LeafLitter):
            assert np.array_equal(ds[8], pictures(8))  # the next read starts another
        ds.close()


@pytest.mark.parametrize("workers", [0, 2])
def test_an_epoch_goes_on_after_an_error(binary, tmp_path, index_of, workers):
    # The first generator of every worker dies when it has written two batches of four.
    dying = script(tmp_path, f'case "$*" in *--start=[01]\\ *) {binary} "$@" | head -c 50000; kill -9 $$;; *) exec {binary} "$@";; esac\n')
    ds = LeafLitterStream(**QUICK, binary=dying, epoch=192, batch=4)
    loader = DataLoader(ds, batch_size=4, num_workers=workers)
    seen = []
    with pytest.raises(LeafLitterError, match="killed by signal 9"):
        for batch in loader:
            seen += [index_of(image) for image in batch]
    assert sorted(seen) == list(range(8 * max(1, workers)))
    seen += [index_of(image) for batch in loader for image in batch]
    assert sorted(seen) == list(range(192))
    ds.close()


def test_hangs(tmp_path):
    silent = script(tmp_path, "echo so far so good >&2\nexec sleep 1000\n")
    for ds, read in both(silent, timeout=0.5):
        start = time.monotonic()
        with pytest.raises(LeafLitterError, match="(?s)no byte for 0.5 seconds and was ended; .*: so far so good"):
            read(ds)
        assert time.monotonic() - start < 10
    stubborn = script(tmp_path, "trap '' TERM\nprintf half\nwhile :; do sleep 0.2; done\n")
    for ds, read in both(stubborn, timeout=0.5):
        with pytest.raises(LeafLitterError, match="no byte for 0.5 seconds"):
            read(ds)
    assert left("/bin/sh " + stubborn) == []


def test_strange_output(tmp_path):
    for text, words in [
        ("exit 0", "ended with exit code 0"),
        ("echo one >&2; echo two >&2; exit 3", "(?s)exit code 3: one\ntwo"),
        ("exec yes", "no tar archive"),
        ("exec head -c 1024 /dev/zero", "ended with exit code 0"),
        ("for i in $(seq 100); do echo line $i >&2; done; exit 1", "(?s)exit code 1: line 93\n.*line 100$"),
    ]:
        for ds, read in both(script(tmp_path, text + "\n")):
            with pytest.raises(LeafLitterError, match=words):
                read(ds)
            ds.close()
    assert left("/bin/sh " + str(tmp_path)) == []


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("end", ["whole", "break", "exception", "close"])
def test_nothing_is_left(binary, workers, end):
    for ds, _ in both(binary):
        if isinstance(ds, LeafLitterStream):
            ds = LeafLitterStream(**QUICK, binary=binary, epoch=64)
        else:
            ds = LeafLitter(**QUICK, binary=binary, length=64)
        try:
            for n, _ in enumerate(DataLoader(ds, batch_size=4, num_workers=workers)):
                assert generators(binary)
                if n == 2 and end == "break":
                    break
                if n == 2 and end == "exception":
                    raise KeyError
                if n == 2 and end == "close":
                    ds.close()
                    break
        except KeyError:
            pass
        del ds
        assert left(binary) == []


def test_with_and_iteration(binary):
    with LeafLitterStream(**QUICK, binary=binary) as ds:
        images = iter(ds)
        next(images)
        assert len(generators(binary)) == 1
    assert left(binary) == []
    with pytest.raises(LeafLitterError, match="by close"):
        next(images)


READ = """
from torch.utils.data import DataLoader
ds = LeafLitterStream(**QUICK, binary=BINARY) if {stream} else LeafLitter(**QUICK, binary=BINARY)
batches = iter(DataLoader(ds, batch_size=4, num_workers={workers}))
next(batches)
{then}
"""


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("then", ["sys.exit(0)", "raise KeyError", "os._exit(1)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)", "os.kill(os.getpid(), 2)"])
def test_nothing_outlives_the_program(binary, workers, stream, then):
    p = python(READ.format(workers=workers, stream=stream, then=then), binary)
    p.communicate(timeout=60)
    assert left(binary) == []


@pytest.mark.parametrize("stream", [True, False])
def test_a_killed_worker(binary, stream):
    then = "os.kill(batches._workers[0].pid, 9)\nfor _ in range(10000): next(batches)"
    p = python(READ.format(workers=2, stream=stream, then=then), binary)
    p.communicate(timeout=120)
    assert p.returncode != 0  # PyTorch says in one of several ways that a worker died
    assert left(binary) == []


def test_a_fork_that_exits_leaves_the_parents_generator_alone(binary):
    p = python(
        """
        ds, stream = LeafLitter(**QUICK, binary=BINARY), LeafLitterStream(**QUICK, binary=BINARY)
        images = iter(stream)
        first = ds[3], next(images)
        if os.fork() == 0:
            sys.exit(0)  # runs what is registered for the exit of Python
        os.wait()
        assert (ds[3] == first[0]).all()
        for _ in range(2000):
            next(images)
        print("ok")
        """,
        binary,
    )
    out, errors = p.communicate(timeout=120)
    assert out == "ok\n", errors
    assert left(binary) == []


def test_an_interrupted_read_does_not_answer_the_next(binary):
    p = python(
        """
        import signal
        ds = LeafLitter(**{**QUICK, "size": 512}, binary=BINARY, numpy=True)
        want = [ds[i].copy() for i in range(8)]
        class Alarm(Exception): pass
        def ring(*_): raise Alarm
        signal.signal(signal.SIGALRM, ring)
        rings = 0
        for k in range(40):
            signal.setitimer(signal.ITIMER_REAL, 0.0005 * (k % 20 + 1))
            try:
                ds.__getitems__(range(8))
            except Alarm:
                rings += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert (ds[k % 8] == want[k % 8]).all(), k
        print("ok" if rings else "never interrupted")
        """,
        binary,
    )
    out, errors = p.communicate(timeout=120)
    assert out == "ok\n", errors


def test_without_torch(binary, pictures, tmp_path):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "torch.py").write_text("raise ImportError('hidden')\n")
    code = """
        import numpy as np
        assert "torch" not in sys.modules
        ds = LeafLitter(**QUICK, binary=BINARY, labels=["id"])
        assert type(ds[3]["image"]) is np.ndarray and ds[3]["id"].dtype == np.uint32
        with LeafLitterStream(**QUICK, binary=BINARY, epoch=32) as s:
            got = list(s)
            assert len(got) == 32 and (got[3] == ds[3]["image"]).all()
            s.load_state_dict(s.state_dict())
        print("ok")
        """
    env = os.pathsep.join([str(tmp_path / "hidden"), str(ROOT / "python" / "src")])
    p = python(code, binary, PYTHONPATH=env)
    out, errors = p.communicate(timeout=60)
    assert out == "ok\n", errors


def test_threads_of_workers(binary, monkeypatch):
    seen = set()

    def lines():
        for pid in generators(binary):
            seen.add(next((a for a in Path(f"/proc/{pid}/cmdline").read_text().split("\0") if a.startswith("--threads")), "all"))

    cores = len(os.sched_getaffinity(0))
    for workers, want in [(0, "all"), (1, f"--threads={cores}"), (4, f"--threads={max(1, cores // 4)}")]:
        ds = LeafLitterStream(**QUICK, binary=binary)
        batches = iter(DataLoader(ds, batch_size=4, num_workers=workers))
        next(batches)
        seen.clear()
        lines()
        assert seen == {want}
        del batches
        ds.close()
    monkeypatch.setenv("LOCAL_WORLD_SIZE", str(2 * cores))
    with LeafLitterStream(**QUICK, binary=binary) as ds:
        images = iter(ds)
        seen.clear()
        until(lambda: generators(binary), "no generator")
        lines()
        assert seen == {"--threads=1"}
        del images


def test_the_version_is_the_generators(binary):
    assert subprocess.check_output([binary, "version"], text=True).split()[1] == leaflitter.__version__
