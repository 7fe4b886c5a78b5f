"""Files are what they were when registered, or they are not loaded."""

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

    def check(self, path, sha256):
        """Verify one file; an empty `sha256` asks only that it exists. Raises MissingWeights, BadChecksum."""
        try:
            found = self._sha256(Path(path)) if sha256 else Path(path).stat()
        except OSError:
            raise MissingWeights(file=Path(path).name, remedy=REREGISTER) from None
        if sha256 and found != sha256.lower():
            raise BadChecksum(file=Path(path).name)

    def _sha256(self, path):
        stat = path.stat()
        identity = (str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if identity not in self._known:
            with path.open("rb") as stream:
                self._known[identity] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._known[identity]
