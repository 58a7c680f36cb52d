"""Where an evaluation's reports and images go."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any, Dict, List

from .. import _files
from .._errors import LeafLitterError
from .cases import Array


def prepare(output: str) -> List[Path]:
    """The files to write for --output: itself if it ends in .json or .md, else two in a folder.

    The folder is made now, so that an evaluation does not find out last that it cannot be.
    """
    path = Path(output)
    if path.suffix and path.suffix not in (".json", ".md") and not path.is_dir():
        raise LeafLitterError(f"--output {output} is no folder and ends in {path.suffix}; give a file that ends in .json or .md, or a folder")
    if path.is_dir() or path.suffix not in (".json", ".md"):
        return [_files.folder(path) / name for name in ("evaluation.json", "evaluation.md")]
    if not path.parent.is_dir():
        raise LeafLitterError(f"the folder {path.parent} for {path.name} does not exist; make it, or choose another place")
    return [path]


def write(paths: List[Path], found: Dict[str, Any], markdown: str) -> None:
    for path in paths:
        text = markdown if path.suffix == ".md" else json.dumps(found, indent=1, allow_nan=False) + "\n"
        with _files.whole(path) as file:
            file.write(text.encode())


def picture(path: Path, image: Array) -> None:
    """A PNG of a uint8 H x W x C image."""
    from PIL import Image  # read_folder has told who lacks it

    buffer = BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(buffer, "PNG")
    _files.folder(path.parent)
    with _files.whole(path) as file:
        file.write(buffer.getbuffer())
