"""What the programs beside this file share: progress, and JSON that is whole or as before."""

import importlib
import json
import os
import sys
from typing import Any, Callable, Optional


class Trouble(Exception):
    """What a person must be told, in one sentence."""


def needs(program: str, *modules: str) -> None:
    """End the program with one sentence where a module cannot be imported."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(f"{program}: {sys.executable} cannot import {name} ({error}); give a Python that has {', '.join(modules)}", file=sys.stderr)
            sys.exit(1)


def say(text: str) -> None:
    """A line of progress, as Markdown has the items of a list: a report may take what was said as it is."""
    print("*", text, flush=True)


def write(path: Optional[str], found: Any) -> None:
    """The JSON file takes its name when it is whole. Without a path nothing is written."""
    if path is None:
        return
    temporary = f"{path}.tmp"
    try:
        with open(temporary, "w") as file:
            json.dump(found, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise Trouble(f"{path} cannot be written ({error.strerror}); choose a place that can be written and has room") from None


def guarded(name: str, body: Callable[[], int]) -> int:
    """The exit status of body: 1 after one sentence for Trouble."""
    try:
        return body()
    except Trouble as trouble:
        print(f"{name}: {trouble}", file=sys.stderr, flush=True)
        return 1
