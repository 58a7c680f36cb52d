"""What the programs beside this file share: imports, words and JSON for a report, errors.

What they print and write goes into reports that others read, and names no directory of the machine.
"""

import contextlib
import functools
import importlib
import json
import os
import re
import sys
import tempfile
from typing import Any, Callable, List, Optional

# An absolute path whose names hold no spaces; "images/s", "3/4" and URLs are none.
PATH = re.compile(r"(?<![\w./~-])/(?!/)(?:[^\s/'\"`,;:()<>]+/)*([^\s/'\"`,;:()<>]+)")


class Trouble(Exception):
    """What a person must be told, in one sentence."""


@functools.lru_cache(maxsize=None)
def places() -> List[str]:
    """Directories that this process knows of, the longest first: their names may hold spaces."""
    values = [value.split("=", 1)[-1] for value in sys.argv]
    found = {os.path.dirname(place) for place in (*values, sys.executable)} | {os.getcwd(), os.path.expanduser("~"), tempfile.gettempdir()}
    return sorted((place for place in found if os.path.isabs(place) and place != "/"), key=len, reverse=True)


def plain(text: str) -> str:
    """The text with the last name of each absolute path instead of the path.

    Our own sentences name no directory; those of the system, the generator and libraries do.
    """
    for place in places():
        text = text.replace(place + "/", "/")
    return PATH.sub(r"\1", text)


class Plain:
    """A stream that is written to plainly."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        self.stream.write(plain(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def speak_plainly() -> None:
    """From now on, warnings and tracebacks too."""
    sys.stdout, sys.stderr = Plain(sys.stdout), Plain(sys.stderr)


def needs(program: str, *modules: str) -> None:
    """End the program with one sentence where a module cannot be imported."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(f"{program}: {os.path.basename(sys.executable)} cannot import {name} ({error}); give a Python that has {', '.join(modules)}", file=sys.stderr)
            sys.exit(1)


def say(text: str) -> None:
    """A line of progress, as Markdown has the items of a list: a report may take what was said as it is."""
    print("*", text, flush=True)


def plainly(found: Any) -> Any:
    """The report with plain texts."""
    if isinstance(found, dict):
        return {key: plainly(value) for key, value in found.items()}
    if isinstance(found, (list, tuple)):
        return [plainly(value) for value in found]
    return plain(found) if isinstance(found, str) else found


def write(path: Optional[str], found: Any) -> None:
    """The JSON file takes its name when it is whole, and is NAME.part before. Without a path nothing is written."""
    if path is None:
        return
    temporary = f"{path}.part"
    try:
        with open(temporary, "w") as file:
            json.dump(plainly(found), file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.remove(temporary)  # gives the room back
        raise Trouble(f"{os.path.basename(path)} cannot be written ({error.strerror}); choose a place that can be written and has room") from None


def guarded(name: str, body: Callable[[], int]) -> int:
    """The exit status of body: 1 after one sentence for Trouble."""
    try:
        return body()
    except Trouble as trouble:
        print(f"{name}: {trouble}", file=sys.stderr, flush=True)
        return 1
