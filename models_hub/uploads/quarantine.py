"""The files of uploads while nobody has looked at them yet: one per upload, named by its id, one writer at a time."""

import base64
import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import tempfile

from django.conf import settings
from django.utils.translation import gettext as _

from visionary.common.exceptions import DomainError

PIECE = 1024 * 1024
# Bytes that uploads leave free: the database, the queue and pictures need room to be written.
RESERVE = 512 * 1024 * 1024
# Names of the tus protocol; md5 because some stock clients offer nothing else.
ALGORITHMS = ("sha1", "sha256", "md5")
SIDE_FILE = ".piece-"


class Busy(DomainError):
    code = "upload_busy"
    status = 423


class DiskFull(DomainError):
    code = "disk_full"
    status = 507


class WrongChecksum(DomainError):
    code = "checksum_mismatch"
    status = 460


class TooLong(DomainError):
    code = "too_big"
    status = 413


def name_of(upload):
    """Where the bytes lie below QUARANTINE_DIR; made of the id alone, whatever the file is called."""
    return f"{upload.pk.hex[:2]}/{upload.pk}"


def path_of(upload):
    return settings.QUARANTINE_DIR / name_of(upload)


def size_of(upload):
    """Bytes on disk; 0 before the first has come."""
    try:
        return path_of(upload).stat().st_size
    except FileNotFoundError:
        return 0


def free_bytes():
    settings.QUARANTINE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    return shutil.disk_usage(settings.QUARANTINE_DIR).free - RESERVE


def disk_full():
    message = _("The disk of the site is full. What has arrived is kept: continue when the operator has made room.")
    return DiskFull(message, retry_after=600)


@contextlib.contextmanager
def writing(upload):
    """The file of `upload`, open for this writer alone, at its end. Raises Busy."""
    path = path_of(upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Unbuffered, so that the size on disk is never behind what has been written.
    with open(path, "ab", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = _("Another connection is sending this upload just now. Try again in a moment.")
            raise Busy(message, retry_after=2) from None
        yield file


def append(file, body, most):
    """Write `body` (an object with read) behind what `file` has and make sure of it on disk. Returns the new size.

    More than `most` bytes raise TooLong and leave the file as it was; a full disk raises DiskFull and keeps what fits.
    """
    start = file.tell()
    try:
        copy(body, file, most)
    except TooLong:
        file.truncate(start)
        raise
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise disk_full() from error
    finally:
        os.fsync(file.fileno())
    return file.tell()


def copy(body, file, most, digest=None):
    """Write `body` to `file` piece by piece. Raises TooLong at the first byte beyond `most`."""
    while piece := body.read(PIECE):
        most -= len(piece)
        if most < 0:
            raise TooLong(_("This is more than the upload was announced to have. Begin it anew."))
        if digest is not None:
            digest.update(piece)
        view = memoryview(piece)
        while view:
            view = view[file.write(view) :]


@contextlib.contextmanager
def verified(body, checksum, most):
    """`body` once it is known to have `checksum` ("sha1 <base64>"): until then it lies aside, not in the upload."""
    if not checksum:
        yield body
        return
    algorithm, wanted = parsed(checksum)
    with tempfile.TemporaryFile(dir=settings.QUARANTINE_DIR, prefix=SIDE_FILE) as aside:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        copy(body, aside, most, digest)
        if digest.digest() != wanted:
            message = _("A part of the file was damaged on its way and has not been kept. Send it again.")
            raise WrongChecksum(message)
        aside.seek(0)
        yield aside


def parsed(checksum):
    """(algorithm, digest) of the header Upload-Checksum. Raises DomainError."""
    algorithm, _space, text = checksum.strip().partition(" ")
    try:
        wanted = base64.b64decode(text, validate=True)
    except ValueError:
        wanted = b""
    if algorithm not in ALGORITHMS or len(wanted) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        message = _("Upload-Checksum: give one of %(names)s and the digest in base64.")
        raise DomainError(message % {"names": ", ".join(ALGORITHMS)}, code="bad_checksum", field="Upload-Checksum")
    return algorithm, wanted


def remove(upload):
    path_of(upload).unlink(missing_ok=True)
