"""What bench/gpubox.sh measure runs in Python, from a directory that bench/pack.sh filled, on a CPU."""

import importlib.util
import json
import operator
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, until
from training import environment

PROGRAMS = ROOT / "bench" / "gpubox" / "python"
CPU = ("--backend=cpu", "--device=cpu")


@pytest.fixture(scope="session")
def box(tmp_path_factory):
    """What goes into the archive, but for the binaries."""
    folder = tmp_path_factory.mktemp("box")
    subprocess.run([ROOT / "bench" / "pack.sh", folder], check=True, capture_output=True)
    return folder


def environ(**more):
    """Without this package: the archive brings its own."""
    return {**{name: value for name, value in environment().items() if name != "PYTHONPATH"}, "OMP_NUM_THREADS": "1", **more}


def run(box, program, *arguments, **more):
    return subprocess.run([sys.executable, program, *map(str, arguments)], cwd=box, env=environ(**more), capture_output=True, text=True, timeout=300)


def load(name):
    spec = importlib.util.spec_from_file_location(f"gpubox_{name}", PROGRAMS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(PROGRAMS))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(PROGRAMS))
    return module


def test_training_chooses_its_rows_and_writes_json(box, binary, tmp_path):
    out = tmp_path / "training.json"
    small = ("--batch=2", "--patch=16", "--rows=2", "--repeats=2", "--seconds=0.3", "--preset=dead-leaves")
    done = run(box, "bench/training.py", *small, *CPU, f"--binary={binary}", f"--json={out}")
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert len(found["pairs"]) == 2 and found["live_images_per_s"] > 0 and found["batch"] == 2 and not found["smoke"]
    assert all(pair[kind]["steps"] >= 1 for pair in found["pairs"] for kind in ("live", "memory"))
    assert done.stdout.count("ratio") == 3 and "1 PyTorch thread, " in done.stdout and "1 PyTorch threads" not in done.stdout
    for flag, sentence in (("--repeats=0", "--repeats is 0; give 1 to 1000"), ("--network=unet", "there is no network"), (f"--json={tmp_path}/no/t.json", "cannot be written")):
        done = run(box, "bench/training.py", "--batch=2", "--patch=16", "--rows=1", "--repeats=1", *CPU, f"--binary={binary}", flag)
        assert done.returncode == 1 and sentence in done.stderr and len(done.stderr.splitlines()) == 1 and str(tmp_path) not in done.stderr


def test_training_killed_leaves_whole_json(box, binary, tmp_path):
    out = tmp_path / "training.json"
    command = [sys.executable, "bench/training.py", "--batch=2", "--patch=16", "--rows=1", "--repeats=1000", "--preset=dead-leaves", *CPU, f"--binary={binary}", f"--json={out}"]
    with subprocess.Popen(command, cwd=box, env=environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until(out.exists, "there is no report after the first pair", 60)
        time.sleep(random.random())
        running.kill()
    assert json.loads(out.read_text())["pairs"]


def test_a_report_is_whole_at_any_instant(tmp_path):
    out = tmp_path / "report.json"
    code = f"import sys; sys.path.insert(0, {str(PROGRAMS)!r}); import program\nn = 0\nwhile True:\n    n += 1; program.write({str(out)!r}, dict(n=n, rows=list(range(20000))))"
    for _ in range(10):
        with subprocess.Popen([sys.executable, "-c", code]) as running:
            time.sleep(0.1 + 0.2 * random.random())
            running.kill()
        if out.exists():
            assert len(json.loads(out.read_text())["rows"]) == 20000
    assert out.exists() and {path.name for path in tmp_path.iterdir()} <= {"report.json", "report.json.part"}  # what is not whole is *.part


def test_a_report_that_cannot_be_written_leaves_no_part(tmp_path, monkeypatch):
    program = load("program")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(program.os, "fsync", full)
    with pytest.raises(program.Trouble, match=r"^report.json cannot be written \(No space left on device\); choose"):
        program.write(f"{tmp_path}/report.json", {})
    assert not list(tmp_path.iterdir())


def test_reports_name_no_directory(tmp_path, monkeypatch):
    program = load("program")
    home = tmp_path / "some one"
    monkeypatch.setattr(sys, "argv", ["short_study.py", f"--photographs={home}/their photos", "--rate", "x/y.json"])
    for text, expected in (
        (f"there are no images in {home}/their photos; give", "there are no images in their photos; give"),
        ("(/usr/lib/python3/dist-packages/numpy/__init__.py)", "(__init__.py)"),
        ("'/opt/a/b' and /opt/c/d: no; [Errno 2] /e", "'b' and d: no; [Errno 2] e"),
        ("3 images/s, 1/2, https://host/a/b, a / b, ../x/y, * SET/seed-1", "3 images/s, 1/2, https://host/a/b, a / b, ../x/y, * SET/seed-1"),
    ):
        assert program.plain(text) == expected
    program.write(f"{tmp_path}/r.json", {"rows": [{"error": "/opt/a: no", "n": 1.5}], "none": None})
    assert json.loads((tmp_path / "r.json").read_text()) == {"rows": [{"error": "a: no", "n": 1.5}], "none": None}
    # Warnings and tracebacks are said by others, and a Python may lie in a home.
    (tmp_path / "numpy.py").write_text("import warnings\nwarnings.warn('old')\nraise ImportError(f'broken ({__file__})')")
    done = run(tmp_path, PROGRAMS / "cuda_peer.py", tmp_path, PYTHONPATH=str(tmp_path), PYTHONWARNINGS="default")
    assert done.returncode == 1 and "numpy.py:2: UserWarning: old" in done.stderr and "cannot import numpy (broken (numpy.py))" in done.stderr
    assert str(tmp_path) not in done.stderr and os.path.dirname(sys.executable) not in done.stderr


def test_the_study_in_short(box, binary, tmp_path):
    out = tmp_path / "study.json"
    (tmp_path / "matplotlib.py").write_text("raise ImportError('it is not needed')")
    done = run(box, "bench/gpubox/python/short_study.py", "--smoke", *CPU, f"--binary={binary}", f"--json={out}", "--photographs=photos/train", "--images=photos/eval", PYTHONPATH=str(tmp_path))
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert [(row["set"], row["seed"]) for row in found["rows"]] == [("dead-leaves", 0), ("dead-leaves-pp", 0), ("dead-leaves-pp", 1)]
    assert all(10 < row["psnr"]["25"] < 40 for row in found["rows"]) and 20 < found["noisy"]["25"] < 21 and found["steps"] == 10 and found["of"] == 60_000
    assert ["no photographs" in note for note in found["notes"]] == [True, True] and all(note in done.stdout for note in found["notes"])
    assert "(none were packed, or --photographs names no directory)" in found["notes"][0]
    assert found["photographs"] == {"count": 0} and found["evaluated_on"] == {"count": 2, "smallest": [96, 96], "largest": [96, 96]}
    assert "* photographs to train on: none; images to evaluate on: 2, of 96 x 96 pixels\n" in done.stdout
    assert str(tmp_path) not in done.stdout + done.stderr + out.read_text()
    assert "claims nothing" in found["claim"]["sentence"] and done.stdout.rstrip().endswith("claims nothing")


def test_photographs_that_cannot_be_read_are_done_without(box, binary, tmp_path):
    (tmp_path / "a.png").write_text("no image")
    out = tmp_path / "study.json"
    done = run(box, "bench/gpubox/python/short_study.py", "--smoke", *CPU, f"--binary={binary}", f"--json={out}", f"--photographs={tmp_path}")
    assert done.returncode == 0, done.stderr
    found = json.loads(out.read_text())
    assert len(found["rows"]) == 3 and "the photographs cannot be trained on (a.png is not an image that Pillow knows; repair or remove it): only" in found["notes"][-1]
    assert str(tmp_path) not in done.stdout + done.stderr + out.read_text()


def test_a_short_study_counts_its_images(tmp_path, monkeypatch):
    from PIL import Image

    monkeypatch.setitem(sys.modules, "training", SimpleNamespace())  # bench's, which it measures with
    short_study = load("short_study")
    for n, size in enumerate(((30, 20), (20, 30), (10, 90), (20, 20))):
        Image.new("RGB", size).save(tmp_path / f"{n}.png")
    found = short_study.counted(short_study.sizes(str(tmp_path)))
    assert found == {"count": 4, "smallest": [20, 20], "largest": [10, 90]} and short_study.numbered(found) == "4, of 20 x 20 to 10 x 90 pixels"
    assert short_study.numbered(short_study.counted([])) == "none"
    (tmp_path / "9.png").write_text("no image")
    with pytest.raises(short_study.LeafLitterError, match="is not an image that Pillow knows; repair or remove it"):
        short_study.sizes(str(tmp_path))


def test_threads_are_counted_in_words(monkeypatch):
    from leaflitter import _device

    for count, words in ((1, "the CPU with 1 thread, as"), (2, "the CPU with 2 threads, as")):
        monkeypatch.setattr(_device.torch, "get_num_threads", lambda count=count: count)
        monkeypatch.setattr(_device.torch.cuda, "is_available", lambda: False)
        assert _device.choose()[1].startswith(words)


def test_where_a_rate_comes_from_names_no_directory(tmp_path, monkeypatch, capsys):
    measured = []
    monkeypatch.setitem(sys.modules, "training", SimpleNamespace(measured=lambda *given: measured.append(given) or {"images_per_s": 5.0}))
    short_study = load("short_study")
    file, size = tmp_path / "training.json", short_study.GPU
    given = SimpleNamespace(rate=str(file), device="cpu", backend="cpu", binary=None)
    assert short_study.rate(given, size) == (5.0, "measured before the study") and capsys.readouterr().out == "* there is no training.json; measuring\n"
    assert measured[0][-1] == "give a faster --device, or --smoke"  # flags that it has
    file.write_text(json.dumps({"network": size.network, "batch": size.batch, "patch": size.patch, "precision": size.precision, "live_images_per_s": 7}))
    assert short_study.rate(given, size) == (7.0, "training.json")
    file.write_text("[]")
    with pytest.raises(short_study.Trouble, match=r"^training.json holds no rate"):
        short_study.rate(given, size)


def test_too_little_time_for_a_study_is_said(box, binary, tmp_path):
    slow = tmp_path / "rate.json"
    slow.write_text(json.dumps({"network": "ffdnet", "batch": 64, "patch": 128, "precision": "bf16", "smoke": False, "live_images_per_s": 3.0}))
    for arguments, sentence in (
        (("--seconds=60", f"--rate={slow}"), "at 3 images/s 60 seconds are enough for 0 steps of 3 runs"),
        (("--seconds=5",), "--seconds is 5.0; give 60 to 36000, or --smoke"),
        (("--seconds=60", f"--rate={__file__}"), "holds no rate"),
    ):
        done = run(box, "bench/gpubox/python/short_study.py", *arguments, *CPU, f"--binary={binary}")
        assert done.returncode == 1 and sentence in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_what_a_short_study_claims(monkeypatch):
    monkeypatch.setitem(sys.modules, "training", SimpleNamespace())  # bench's, which it measures with
    claim = load("short_study").claim
    rows = [{"set": "dead-leaves-pp", "seed": 0, "psnr": {"25": 29.0}}, {"set": "dead-leaves", "seed": 0, "error": "x"}]
    assert claim(rows, 3000)["means_nothing_below_db"] is None and "no difference between sets means anything" in claim(rows, 3000)["sentence"]
    for other, least in ((29.1, 0.3), (28.8, 0.6), (29.01, 0.1)):
        found = claim([*rows, {"set": "dead-leaves-pp", "seed": 1, "psnr": {"25": other}}], 3000)
        assert found["means_nothing_below_db"]["25"] == pytest.approx(least)
        assert f"3,000 steps of the study's 60,000, one seed a set: differences below {least:.2f} dB at σ = 25 mean nothing" in found["sentence"]


def disks(count, size):
    """Disks as gpubox peers -dump writes them, and each pixel's by definition."""
    peer = load("cuda_peer")
    leaves = np.zeros(count, peer.RECORD)
    drawn = np.random.default_rng(3)
    leaves["x"], leaves["y"] = drawn.uniform(0, size, (2, count))
    leaves["r"] = drawn.uniform(2, size / 2, count)
    leaves["b"], leaves["a"] = leaves["r"], leaves["r"] * leaves["r"]
    axis = np.arange(size, dtype=np.float32) + np.float32(0.5)
    ids = np.zeros((size, size), np.uint32)
    for number, leaf in reversed(list(enumerate(leaves, 1))):
        dx, dy = axis[None, :] - leaf["x"], axis[:, None] - leaf["y"]
        ids[dx * dx + dy * dy <= leaf["a"]] = number
    return peer, leaves, ids


def dump(folder, leaves, ids):
    folder.mkdir(parents=True)
    leaves.tofile(folder / "leaves.bin")
    ids.tofile(folder / "ids.bin")
    (folder / "about.json").write_text(json.dumps({"r_min": 2, "size": len(ids), "leaves": len(leaves)}))


def walked(peer, kernel, leaves, size):
    """What a kernel gives, as plain Python, pixel by pixel."""
    ids = np.full((1, size, size), 2**32 - 1, np.uint32)
    for row in range(size):
        for column in range(size):
            peer.cuda = SimpleNamespace(grid=lambda axes, at=(column, row, 0): at[:axes])
            kernel(leaves["x"], leaves["y"], leaves["a"], ids)
    return ids[0]


def test_the_cuda_kernels_walk_the_leaves():
    size = 20
    peer, leaves, ids = disks(30, size)
    for kernel in (peer.plain, peer.rounded(operator.mul, operator.add)):
        assert peer.compared(leaves, ids, walked(peer, kernel, leaves, size)) == {"differ": 0, "farthest": 0.0, "example": ""}
    shifted = leaves.copy()
    shifted["a"][ids[10, 10] - 1] *= 4  # the negative control: another radius
    found = peer.compared(leaves, ids, walked(peer, peer.plain, shifted, size))
    assert found["differ"] > 0 and found["farthest"] > peer.EDGE and "instead of" in found["example"]
    row = {"r_min": 2, "leaves": 30, "version": "plain", "ms": {"median": 1, "least": 1, "most": 1}, "batch_ms": {"median": 1, "least": 1, "most": 1}, **found}
    assert f"{found['differ']} of 400 ids differ, AWAY FROM ANY EDGE" in peer.sentence(row, 400, 2)


def test_a_contraction_is_counted_and_is_on_an_edge():
    """Radii that end at a pixel's centre: with a sum that is rounded less, some pixels change sides."""
    size = 16
    peer, leaves, _ = disks(60, size)
    at = np.random.default_rng(4).integers(0, size, (2, 60)).astype(np.float32) + np.float32(0.5)
    dx, dy = at[0] - leaves["x"], at[1] - leaves["y"]
    leaves["a"] = dx * dx + dy * dy
    ours = walked(peer, peer.rounded(operator.mul, operator.add), leaves, size)
    contracted = walked(peer, peer.rounded(lambda a, b: np.float64(a) * np.float64(b), lambda a, b: np.float32(a + b)), leaves, size)
    found = peer.compared(leaves, ours, contracted)
    assert found["differ"] > 0 and 0 < found["farthest"] < peer.EDGE


def test_the_cuda_peer_says_what_is_missing(tmp_path):
    program = PROGRAMS / "cuda_peer.py"
    done = run(tmp_path, program, tmp_path)
    assert done.returncode == 1 and "there are no leaves in" in done.stderr and len(done.stderr.splitlines()) == 1
    _, leaves, ids = disks(9, 8)
    dump(tmp_path / "r_min-2", leaves, ids)
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "numba.py").write_text("raise ImportError('not here')")
    done = run(tmp_path, program, tmp_path, PYTHONPATH=str(tmp_path / "without"))
    assert done.returncode == 1 and "numba, which this Python cannot import (not here); run: pip install" in done.stderr and len(done.stderr.splitlines()) == 1
    leaves[:-1].tofile(tmp_path / "r_min-2" / "leaves.bin")
    peer = load("cuda_peer")
    with pytest.raises(peer.Trouble, match="holds 8 leaves and 64 ids instead of 9 and 64"):
        peer.read(tmp_path / "r_min-2")


def test_the_cuda_peer_in_the_simulator(tmp_path):
    if not os.environ.get("LEAFLITTER_CI"):  # there nothing is skipped: a numba that is not there is an error
        pytest.importorskip("numba", reason="numba, whose simulator runs CUDA kernels without a GPU, is not installed; the kernels are tested as plain Python above")
    _, leaves, ids = disks(12, 8)
    dump(tmp_path / "r_min-2", leaves, ids)
    command = [sys.executable, PROGRAMS / "cuda_peer.py", tmp_path, "--repeats=1", "--batch=2", f"--json={tmp_path / 'cuda.json'}"]
    for change, status, says in ((1, 0, "all 64 ids equal"), (4, 1, "AWAY FROM ANY EDGE")):
        leaves["a"][int(ids[4, 4]) - 1] *= change
        leaves.tofile(tmp_path / "r_min-2" / "leaves.bin")
        done = subprocess.run(command, env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}, capture_output=True, text=True, timeout=300)
        assert done.returncode == status and done.stdout.count(says) == 2, done.stdout + done.stderr
        assert [row["version"] for row in json.loads((tmp_path / "cuda.json").read_text())["rows"]] == ["plain", "rounded"]


@pytest.mark.parametrize("program", ["bench/training.py", "bench/gpubox/python/short_study.py"])
def test_a_python_without_pytorch_is_told(box, tmp_path, program):
    (tmp_path / "torch.py").write_text("raise ImportError('not here')")
    done = run(box, program, "--smoke", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1 and "cannot import torch (not here); give a Python that has numpy, torch" in done.stderr and len(done.stderr.splitlines()) == 1


def pack(to, limit, *given):
    """What bench/pack.sh says, and the names of the photographs that it packed."""
    to.mkdir(exist_ok=True)
    done = subprocess.run([ROOT / "bench" / "pack.sh", to, *given], env={**os.environ, "LIMIT": str(limit)}, capture_output=True, text=True)
    return done, sorted(path.name for path in to.glob("photos/train/*")), sorted(path.name for path in to.glob("photos/eval/*"))


def photographs_in(folder, names, seed):
    folder.mkdir()
    for n, name in enumerate(names):
        (folder / name).write_bytes(random.Random(f"{seed} {n}").randbytes(50_000))
    return folder


def refused(done, sentence):
    assert done.returncode == 1 and sentence in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


def test_packing(tmp_path):
    """All photographs where they fit, else as many as do, the same every time; what cannot fit is refused in one sentence."""
    photographs = photographs_in(tmp_path / "photographs", [f"{n:02} a.jpg" for n in range(20)], "train")
    images = photographs_in(tmp_path / "images of others", ["00 a.jpg", "01 a.JPEG"], "evaluate")
    (photographs / "README.md").write_text("no image")
    to, archive = tmp_path / "packed", tmp_path / "packed.tar.gz"
    done, train, evaluate = pack(to, 60_000_000, photographs, images)
    assert done.returncode == 0 and len(train) == 20 and evaluate == ["00 a.jpg", "01 a.JPEG"] and "(20 of 20)" in done.stdout
    size = archive.stat().st_size
    assert f"{size} bytes  all in packed.tar.gz, of 60000000 that may be carried\n" in done.stdout
    assert "packed/photos/train/19 a.jpg" in subprocess.run(["tar", "-tzf", archive], capture_output=True, text=True).stdout
    without = sum(int(line.split()[0]) for line in done.stdout.splitlines()[:3])  # all but the photographs to train on
    done, train, _ = pack(to, without + 520_000, photographs, images)
    assert done.returncode == 0 and 8 <= len(train) <= 9 and f"({len(train)} of 20)" in done.stdout and archive.stat().st_size <= without + 520_000
    assert any(name > "15" for name in train) and pack(to, without + 520_000, photographs, images)[1] == train
    assert "README.md" not in train
    done, train, evaluate = pack(to, 60_000_000)
    assert done.returncode == 0 and not train and not evaluate
    for limit, given, sentence in (
        (60_000_000, [tmp_path / "nowhere"], "there is no directory"),
        (60_000_000, ["", ROOT / "bench"], "there are no images in"),
        (10_000, [], "more than the 10000 that may be carried"),
        (without + 30_000, [photographs, images], "there is room for no photograph"),
        ("abc", [], "LIMIT is abc; give the bytes that may be carried"),
    ):
        refused(pack(to, limit, *given)[0], sentence)
    # What the parts alone do not tell: the archive itself is too large.
    tar = tmp_path / "tools" / "tar"
    tar.parent.mkdir()
    tar.write_text(f'#!/bin/bash\n[ "$1" != -czf ] || exec head -c 500000 /dev/zero >"$2"\nexec {shutil.which("tar")} "$@"\n')
    tar.chmod(0o755)
    done = subprocess.run([ROOT / "bench" / "pack.sh", to], env={**os.environ, "LIMIT": "400000", "PATH": f"{tar.parent}:{os.environ['PATH']}"}, capture_output=True, text=True)
    refused(done, "all that is 500000 bytes, more than the 400000 that may be carried")
    assert not list(tmp_path.glob("packed.tar.gz*"))


def test_what_is_trained_on_is_not_evaluated_on(tmp_path):
    photographs = photographs_in(tmp_path / "photographs", ["a.png", "b\nc.png", "d.png"], "train")
    (tmp_path / "another name").symlink_to(photographs)
    refused(pack(tmp_path / "packed", 60_000_000, photographs, tmp_path / "another name")[0], f"pack.sh: {photographs} is given both to train and to evaluate on; give two directories")
    images = photographs_in(tmp_path / "images", ["other.png", "same size.png"], "evaluate")
    (images / "copy.png").write_bytes((photographs / "b\nc.png").read_bytes())
    done = pack(tmp_path / "packed", 60_000_000, photographs, images)[0]
    refused(done, "1 of the photographs to train on are also to be evaluated on (b\\nc.png and copy.png are the same)")
    (images / "copy.png").unlink()
    assert pack(tmp_path / "packed", 60_000_000, photographs, images)[0].returncode == 0


def test_packing_names_of_any_kind_and_number(tmp_path):
    """More than a command line holds, and one with a newline."""
    photographs = photographs_in(tmp_path / "photographs", ["two\nlines.jpg", "-n.jpg"], "train")
    for n in range(12_000):
        os.symlink("-n.jpg", photographs / f"{n:05}{'long' * 50}.jpg")
    done, train, _ = pack(tmp_path / "packed", 2_000_000, photographs)
    assert done.returncode == 0 and 30 <= len(train) <= 40 and f"({len(train)} of 12002)" in done.stdout and not done.stderr, done.stderr
    for path in photographs.glob("*long*"):
        path.unlink()
    done, train, _ = pack(tmp_path / "packed", 2_000_000, photographs)
    assert done.returncode == 0 and "two\nlines.jpg" in train and "-n.jpg" in train, done.stderr


def tools(folder, **scripts):
    """A PATH with these shell scripts before all else."""
    folder.mkdir()
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def test_a_rehearsal_removes_only_what_one_made(tmp_path):
    tree = tmp_path / "tree"
    (tree / "bench").mkdir(parents=True)
    for name in ("rehearse.sh", "gpubox.sh"):
        shutil.copy(ROOT / "bench" / name, tree / "bench")
    (tree / "out" / "rehearsal-root" / "usr" / "bin").mkdir(parents=True)
    (tree / "out" / "rehearsal-root" / "made").touch()
    (tree / "out" / "gpubox.tar.gz").touch()
    results = tmp_path / "results"
    (results / "prove").mkdir(parents=True)
    for name in ("keep", "prove.txt", "prove.tgz", "prove/old"):
        (results / name).touch()
    environment = tools(tmp_path / "tools", id="echo 0", debootstrap="exit 1", chroot="exit 1", unshare="exit 0")
    done = subprocess.run([tree / "bench" / "rehearse.sh", "-o", results], env=environment, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("not all of it was rehearsed") == 2
    assert sorted(path.name for path in results.iterdir()) == ["keep", "prove.txt"]


def test_make_gpubox_without_a_repository(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "pack.sh").write_text('#!/bin/sh\necho "packs $1 in $LIMIT"\n')
    (tmp_path / "bench" / "pack.sh").chmod(0o755)
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = subprocess.run(["make", "gpubox", "GO=true", "EGL=yes", "X11="], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and "packs out/gpubox in 60000000" in done.stdout and not done.stderr, done.stderr
    assert (tmp_path / "out" / "gpubox" / "commit").read_text() == "unknown\n"


def test_what_is_packed_is_all_that_is_needed(box):
    names = {str(path.relative_to(box)) for path in Path(box).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {"bench/training.py", "bench/gpubox/python/cuda_peer.py", "bench/gpubox/python/short_study.py", "python/src/leaflitter/study/plan.py"} <= names
    assert not [name for name in names if "test" in name or name.startswith("photos")]
