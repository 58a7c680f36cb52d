"""The real dataset classes of those who read what leaflitter writes."""

import importlib
import importlib.util
import sys
from typing import Any


def bare_basicsr() -> None:
    """Let modules of basicsr be imported without the packages' own __init__ files, which
    import every network and what those need."""
    for package in ("basicsr", "basicsr.data", "basicsr.archs", "basicsr.metrics", "basicsr.ops"):
        if package not in sys.modules:
            spec = importlib.util.find_spec(package)
            assert spec is not None, "no basicsr: run make venv"
            sys.modules[package] = importlib.util.module_from_spec(spec)  # found, but not run


def basicsr(module: str, name: str) -> Any:
    """A class or function of a module below basicsr.data."""
    return basicsr_of("data." + module, name)


def basicsr_of(module: str, name: str) -> Any:
    """A class or function of a module of basicsr."""
    bare_basicsr()
    return getattr(importlib.import_module("basicsr." + module), name)
