"""The real dataset classes of those who read what leaflitter writes."""

import importlib
import importlib.util
import sys
from typing import Any


def basicsr(module: str, name: str) -> Any:
    """A class of a module below basicsr.data. The packages' own __init__ files, which import
    every network and need what loaders do not, are left out."""
    for package in ("basicsr", "basicsr.data"):
        if package not in sys.modules:
            spec = importlib.util.find_spec(package)
            assert spec is not None, "no basicsr: run make venv"
            stub = importlib.util.module_from_spec(spec)  # found, but not run
            sys.modules[package] = stub
    return getattr(importlib.import_module("basicsr.data." + module), name)
