"""The JSON files in a study's directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Sequence

from .. import _files
from .._errors import LeafLitterError


def read(path: Path, keys: Sequence[str]) -> Dict[str, Any]:
    """What write wrote, which has these keys. Raises LeafLitterError for anything else."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise LeafLitterError(f"{path} cannot be read ({error}); remove it, and it is made again") from None
    if not isinstance(data, dict) or not {*keys} <= data.keys():
        raise LeafLitterError(f"{path} is not of a study, or of another version; remove it, and it is made again, or choose another --output")
    return data


def write(path: Path, data: Dict[str, Any]) -> None:
    with _files.whole(path) as file:
        file.write((json.dumps(data, indent=1, allow_nan=False, ensure_ascii=False) + "\n").encode())
