"""The log of a run: log.csv, and TensorBoard where asked for."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import Any, Dict, List, Sequence

from .. import _files
from .._errors import LeafLitterError

COLUMNS = ("step", "loss", "learning_rate", "gradient_norm", "images_per_second", "waiting", "seconds")
VALIDATION = ("step", "task", "psnr", "ssim")


class Log:
    """Rows of numbers by the step, in a CSV file.

    Begun at a step, it leaves out the rows of later steps that an earlier call wrote before
    it was killed: they come again.
    """

    def __init__(self, path: Path, columns: Sequence[str], step: int) -> None:
        self.path, self.columns = path, tuple(columns)
        rows: List[Dict[str, str]] = []
        if step and path.is_file():
            with open(path, newline="", errors="replace") as file:
                rows = [row for row in csv.DictReader(file) if row.keys() == {*columns} and None not in row.values() and _step(row) <= step]
        with _files.whole(path) as whole:
            whole.write(self._text([dict(zip(columns, columns)), *rows]).encode())

    def add(self, **row: Any) -> None:
        """Append a row; floats with six digits."""
        text = {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in row.items()}
        try:
            with open(self.path, "a", newline="") as file:
                file.write(self._text([text]))
        except OSError as error:
            raise LeafLitterError(f"{self.path} cannot be written ({error.strerror}); make room, then go on with --resume") from None

    def _text(self, rows: Sequence[Dict[str, str]]) -> str:
        buffer = StringIO()
        csv.DictWriter(buffer, self.columns, lineterminator="\n").writerows(rows)
        return buffer.getvalue()


def _step(row: Dict[str, str]) -> float:
    try:
        return int(row["step"])
    except (KeyError, TypeError, ValueError):
        return float("inf")  # half a row of a killed call


def tensorboard(folder: Path, step: int) -> Any:
    """A SummaryWriter of the run. Raises LeafLitterError where TensorBoard is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise LeafLitterError("TensorBoard is not installed; run: pip install tensorboard, or leave --tensorboard out (log.csv has the same numbers)") from None
    return SummaryWriter(str(folder), purge_step=step + 1)
