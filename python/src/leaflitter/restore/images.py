"""Photographs read from files, by Pillow."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator, List, Sequence, Tuple, Union

import numpy as np
import numpy.typing as npt

from .._errors import LeafLitterError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")


def paths(folder: Union[str, Path]) -> List[Path]:
    """The images in a folder (not below it), by their endings, sorted by name.

    Raises LeafLitterError where there is no folder, or no image in it.
    """
    folder = Path(folder)
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    except OSError as error:
        raise LeafLitterError(f"the images in {folder} cannot be read ({error.strerror or error}); give a folder of photographs") from None
    if not found:
        raise LeafLitterError(f"there are no images in {folder}; give a folder with files that end in {', '.join(SUFFIXES)}")
    return found


def check_pillow() -> None:
    """Raise LeafLitterError where Pillow is not installed."""
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        raise LeafLitterError("Pillow, which reads and writes images, is not installed; run: pip install 'leaflitter[train]'") from None


def read(path: Union[str, Path], grey: bool = False) -> npt.NDArray[Any]:
    """The image of a file: uint8, H x W x 3, sRGB; if grey H x W x 1, the luma of BT.601 as Pillow rounds it.

    Transparency is dropped. Raises LeafLitterError for what is no image of 8 bits.
    """
    with _opened(path) as image:
        rgb = image.convert("RGB")
        return np.array(rgb.convert("L"))[..., None] if grey else np.array(rgb)


def size(path: Union[str, Path]) -> Tuple[int, int]:
    """Width and height of an image's file, of which no more is read. Raises LeafLitterError as read."""
    with _opened(path) as image:
        return int(image.width), int(image.height)


@contextmanager
def _opened(path: Union[str, Path]) -> Iterator[Any]:
    check_pillow()
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            if image.mode in _DEEP:
                raise LeafLitterError(f"{path} has more than 8 bits a channel; convert it to 8 bits")
            yield image
    except UnidentifiedImageError:
        raise LeafLitterError(f"{path} is not an image that Pillow knows; repair or remove it") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise LeafLitterError(f"the image {path} cannot be read ({error}); repair or remove it") from None


def read_folder(folder: Union[str, Path], grey: bool = False) -> List[Tuple[str, npt.NDArray[Any]]]:
    """(name, image as of read) of every image in a folder, sorted by name.

    The name is the file's without its ending, or with it where another file has the same.
    """
    return read_all(paths(folder), grey)


def read_all(found: Sequence[Path], grey: bool = False) -> List[Tuple[str, npt.NDArray[Any]]]:
    """The same of chosen files."""
    stems = Counter(path.stem for path in found)
    return [(_printable(path.stem if stems[path.stem] == 1 else path.name), read(path, grey)) for path in found]


def _printable(name: str) -> str:
    """The name, with marks for bytes that are no UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
