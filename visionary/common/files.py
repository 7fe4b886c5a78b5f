"""Files that appear with their rows: written aside, renamed into place when the transaction is sure, else removed."""

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from django.db import transaction


class Stage:
    """Files waiting for their rows to be committed."""

    def __init__(self):
        self.moves = []

    def write(self, path: Path, data: bytes) -> None:
        """Write `data` beside `path`; the file gets its name when the stage is carried out."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
        self.moves.append((Path(temporary), path))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)

    def carry_out(self) -> None:
        for temporary, path in self.moves:
            os.replace(temporary, path)
        self.moves.clear()

    def drop(self) -> None:
        for temporary, _path in self.moves:
            temporary.unlink(missing_ok=True)
        self.moves.clear()


@contextlib.contextmanager
def staged():
    """A Stage that is emptied when the block fails. Call `carry_out` inside the transaction, as its last act:
    then a crash leaves either no row and a file that the next attempt overwrites, or both."""
    stage = Stage()
    try:
        yield stage
    finally:
        stage.drop()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path) -> str:
    """The digest of a file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_on_commit(*paths: Path) -> None:
    """Delete files once the transaction that made them useless is sure."""

    def remove():
        for path in paths:
            path.unlink(missing_ok=True)

    transaction.on_commit(remove)
