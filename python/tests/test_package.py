"""The package: types, wheel, imports."""

import shutil
import subprocess
import sys
import zipfile

from conftest import ROOT


def test_types_are_strict():
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", "python/pyproject.toml", "python/src/leaflitter"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_wheel_installs_and_works(tmp_path, binary):
    source = tmp_path / "source"
    shutil.copytree(ROOT / "python", source, ignore=shutil.ignore_patterns("build", "*.egg-info", "__pycache__"))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", str(tmp_path), str(source)], check=True)
    [wheel] = tmp_path.glob("leaflitter-*-py3-none-any.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "leaflitter/py.typed" in names and "leaflitter/_stream.py" in names and not [n for n in names if "test" in n]
    subprocess.run([*pip, "install", "--no-deps", "-q", "--target", str(tmp_path / "site"), str(wheel)], check=True)
    code = f"import leaflitter; assert leaflitter.LeafLitter(preset='dead-leaves', size=16, binary={binary!r}, numpy=True)[3].shape == (3, 16, 16); print(leaflitter.__file__)"
    out = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(tmp_path / "site")}, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert str(tmp_path) in out.stdout
