"""The operator's .env file: read before the settings by everything that starts with manage.py."""

import os
from pathlib import Path


def load(path: Path) -> None:
    """Put the variables of `path` into the environment; those already there keep their value.

    Lines are NAME=value; a value may stand in quotes; `#` begins a comment line. Raises SystemExit on any other line.
    """
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.removeprefix("export ").partition("=")
        if not equals or not name.strip().isidentifier():
            raise SystemExit(f"{path}, line {number}: expected NAME=value.")
        os.environ.setdefault(name.strip(), unquoted(value.strip()))


def unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
