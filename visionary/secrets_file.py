"""The key a laptop install signs its cookies with: made once, kept private, never in the repository."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def read_or_create(path: Path) -> str:
    """Return the key in `path`, making it (readable by the owner only) at the first call.

    Raises ImproperlyConfigured when the folder cannot be used: this is the first thing that is written to it.
    """
    try:
        return _read_or_create(path)
    except OSError as error:
        sentence = f"DATA_DIR: the folder {path.parent} cannot be used ({error.strerror}). Give one you may write to."
        raise ImproperlyConfigured(sentence) from error


def _read_or_create(path: Path) -> str:
    # Made for the owner only: the database, letters with links and everybody's pictures will be in it.
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    key = secrets.token_urlsafe(50)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key
