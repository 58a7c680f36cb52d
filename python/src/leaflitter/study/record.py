"""The JSON files in a study's directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

from .. import _files
from .._errors import LeafLitterError


def read(path: Path) -> Dict[str, Any]:
    """What write wrote. Raises LeafLitterError for anything else."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise LeafLitterError(f"{path} cannot be read ({error}); remove it, and it is made again") from None
    if not isinstance(data, dict):
        raise LeafLitterError(f"{path} is of something else than a study; remove it, or choose another --output")
    return data


def write(path: Path, data: Dict[str, Any]) -> None:
    with _files.whole(path) as file:
        file.write((json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode())
