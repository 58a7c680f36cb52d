"""The JSON files in a study's directory, and whose directory it is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

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


def claim(folder: Path, mine: Dict[str, Any]) -> None:
    """Let the directory be the study's of these settings; refuse one of a study that cannot be compared.

    mine has the dictionary size, in which the number of seeds is free. Raises LeafLitterError.
    """
    path = _files.folder(folder) / "study.json"
    mine = json.loads(json.dumps(mine))
    if path.is_file():
        theirs = read(path, tuple(mine))
        size = {**theirs["size"], "seeds": mine["size"]["seeds"]}
        differ = sorted(k for k in {*mine["size"], *size} if mine["size"].get(k) != size.get(k))
        differ += [k for k in mine if k != "size" and mine[k] != theirs[k]]
        if differ:
            raise LeafLitterError(f"{folder} holds a study with other settings ({', '.join(differ)}); give the same, or another --output")
    write(path, mine)


def digests(images: Sequence[Tuple[str, npt.NDArray[np.uint8]]]) -> List[List[str]]:
    """Name and content of images, in short."""
    return [[name, hashlib.sha256(image.tobytes()).hexdigest()[:16]] for name, image in images]
