"""Files are what they were when registered, or they are not loaded."""

import contextlib
import hashlib
from pathlib import Path

from .errors import BadChecksum, MissingWeights

REREGISTER = "Add the model again, or restore the file from a backup."


class Verifier:
    """Compares files with their registered SHA-256, once per process while size and time stay the same."""

    def __init__(self):
        self._known: dict[tuple, str] = {}

    def check_ref(self, ref):
        """Verify every registered file of a CheckpointRef. Raises MissingWeights, BadChecksum."""
        root = Path(ref.path)
        for name, sha256 in ref.files:
            self.check(root / name if root.is_dir() else root.parent / Path(name).name, sha256)
        if not root.exists():
            raise MissingWeights(file=root.name, remedy=REREGISTER)

    def trust(self, ref, seen):
        """Take files for verified that are as they were when something verified was made of them.

        seen: {name: [SHA-256, bytes, time of change]}, as `sidecars.origin` tells it.
        """
        root = Path(ref.path)
        for name, sha256 in ref.files:
            path = root / name if root.is_dir() else root.parent / Path(name).name
            with contextlib.suppress(OSError):
                stat = path.stat()
                if [sha256, stat.st_size, stat.st_mtime_ns] == seen.get(name):
                    self._known[_identity(path, stat)] = sha256.lower()

    def check(self, path, sha256):
        """Verify one file; an empty `sha256` asks only that it exists. Raises MissingWeights, BadChecksum."""
        try:
            found = self._sha256(Path(path)) if sha256 else Path(path).stat()
        except OSError:
            raise MissingWeights(file=Path(path).name, remedy=REREGISTER) from None
        if sha256 and found != sha256.lower():
            raise BadChecksum(file=Path(path).name)

    def _sha256(self, path):
        identity = _identity(path, path.stat())
        if identity not in self._known:
            with path.open("rb") as stream:
                self._known[identity] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._known[identity]


def _identity(path, stat):
    return (str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)
