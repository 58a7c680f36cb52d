"""Every recipe of docs/pytorch.md runs as it stands there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from conftest import ROOT

TEXT = (ROOT / "docs" / "pytorch.md").read_text()
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.M | re.S)


def recipes():
    """Section, shell commands before it, Python code."""
    for section in re.split(r"^## ", TEXT, flags=re.M)[1:]:
        shell, n = "", 0
        for kind, code in BLOCK.findall(section):
            if kind == "sh":
                shell += code
            else:
                n += 1
                yield pytest.param(shell, code, id=f"{section.splitlines()[0]} {n}".replace(" ", "-"))


# What Debian's PyTorch and a test of single modules need, and no user's machine does.
STANDINS = '''
import sys
if "basicsr" in sys.argv[1]:
    from consumers import bare_basicsr
    bare_basicsr()
if "pytorch_lightning" in sys.argv[1]:
    import torch.distributed  # parts of which Python 3.11 cannot import
    torch.distributed.is_available = lambda: False
exec(compile(sys.argv[1], "recipe", "exec"), {"__name__": "__main__"})
'''
# Both packages: the one that is documented, and the tests' own modules.
PATH = os.pathsep.join([str(ROOT / "python" / "src"), str(ROOT / "python" / "tests")])


@pytest.mark.parametrize("shell,code", recipes())
def test_recipe(binary, tmp_path, shell, code):
    env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": PATH, "PYTHONWARNINGS": "ignore"}
    env.pop("LEAFLITTER_BINARY", None)
    if shell:
        made = subprocess.run(["sh", "-ec", shell], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
    ran = subprocess.run([sys.executable, "-c", STANDINS, code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    # What KAIR wants of a folder: 8-bit RGB without alpha.
    for path in Path(tmp_path).glob("set/GT/*.png"):
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert image.dtype == "uint8" and image.shape == (256, 256, 3)


def test_there_are_recipes():
    assert len(list(recipes())) == 8 and len([1 for kind, _ in BLOCK.findall(TEXT) if kind == "sh"]) == 2
