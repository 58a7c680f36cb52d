"""The commands of docs/training.md and of the README: every one parses, those for one's own images run."""

import importlib
import os
import re
import shlex
import subprocess
import sys

import pytest
from conftest import ROOT, real_binary
from leaflitter.study.__main__ import parser as study
from training import environment

TEXT = (ROOT / "docs" / "training.md").read_text()
COMMAND = re.compile(r"^python -m (leaflitter\.\w+) (.*?)(?: {2,}#.*)?$", re.M)


def commands():
    for path in (ROOT / "README.md", ROOT / "docs" / "training.md"):
        for module, line in COMMAND.findall(path.read_text()):
            yield pytest.param(module, line, id=f"{path.name} {line}")


@pytest.mark.parametrize("module,line", commands())
def test_commands_parse(module, line):
    parser = study() if module == "leaflitter.study" else importlib.import_module(module + ".__main__").arguments()
    parser.parse_args(shlex.split(line))


def test_there_are_commands():
    assert len(list(commands())) >= 10


def test_the_commands_for_your_own_images_run(tmp_path):
    [block] = re.findall(r"## Your own images\n\n```\n(.*?)```", TEXT, re.S)
    lines = [re.sub(r" {2,}#.*", "", line) for line in block.splitlines()]
    assert len(lines) == 4
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "leaflitter").symlink_to(real_binary())
    env = {**environment(), "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    env.pop("LEAFLITTER_BINARY", None)
    subprocess.run(["leaflitter", "generate", "-o", "photographs", "--count", "2", "--size", "60", "--quiet"], cwd=tmp_path, env=env, check=True)
    small = " --iterations 1 --batch 2 --patch 16 --device cpu"
    script = "\n".join(line + small if line.startswith("python -m") else line for line in lines)
    done = subprocess.run(["sh", "-ec", script.replace("python -m", f"{shlex.quote(sys.executable)} -m")], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "runs" / "mine" / "weights.pt").exists() and (tmp_path / "runs" / "photographs" / "weights.pt").exists()


def test_the_numbers_of_parameters():
    from leaflitter.networks import Spec, build

    def parameters(*spec):
        return f"{sum(p.numel() for p in build(Spec(*spec)).parameters()):,}"

    for words in (parameters("ffdnet"), parameters("drunet"), parameters("small"), "; ".join(parameters("swinir-light", 3, scale) for scale in (2, 3, 4))):
        assert f"| {words} |" in TEXT
