"""Where the files of models lie: in quarantine until they are published, below MODELS_DIR under their hash after.

A file is put in its new place before the rows say so and taken from its old one after, so a crash in between leaves
one copy too many and never one too few.
"""

import contextlib
import errno
import logging
import os
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from models_hub.models import ModelFile, ModelVersion
from visionary.common.exceptions import DomainError

logger = logging.getLogger(__name__)
RESERVE = 64 * 1024 * 1024  # bytes left free on the disk


class FilesGone(DomainError):
    code = "files_gone"
    status = 409


def name_of(file):
    """Where `file` lies below MODELS_DIR: told by its content, never by what it was called."""
    kind = Path(file.name).suffix.lower()
    known = kind if kind in (".safetensors", ".json", ".yaml", ".txt", ".zip", ".png", ".jpg", ".webp") else ""
    return f"{file.sha256[:2]}/{file.sha256}/model{known}"


def twin_of(file):
    """A ModelFile with the same content that is stored already, its row locked; None without one."""
    same = ModelFile.objects.select_for_update().filter(sha256=file.sha256, size=file.size).exclude(pk=file.pk)
    return next((one for one in same.select_related("version") if one.is_stored and one.full_path.is_file()), None)


def place(file):
    """Put a copy of a quarantined file where published ones lie. Returns its path below MODELS_DIR.

    Raises FilesGone when it is not there as it was inspected, DomainError when the disk is full.
    """
    if file.is_stored and file.full_path.is_file():
        return file.path
    source, target = file.full_path, settings.MODELS_DIR / name_of(file)
    try:
        if source.stat().st_size != file.size:
            raise FileNotFoundError
    except FileNotFoundError:
        raise FilesGone(_("The file “%(name)s” is gone. Upload it again.") % {"name": file.name}) from None
    if not target.is_file() or target.stat().st_size != file.size:
        target.parent.mkdir(parents=True, exist_ok=True)
        _bring(source, target, file.size)
    return name_of(file)


def _bring(source, target, size):
    """A second name for the same bytes where the disk allows it, else a copy; whole or not at all."""
    with contextlib.suppress(OSError):
        aside = target.with_name(f".part-{os.getpid()}-{target.name}")
        aside.unlink(missing_ok=True)
        os.link(source, aside)
        os.chmod(aside, 0o644)
        os.replace(aside, target)
        return
    if shutil.disk_usage(target.parent).free < size + RESERVE:
        message = _("There is no room for %(megabytes)d MB. Ask the operator of this site to make some.")
        raise DomainError(message % {"megabytes": size // 1_000_000}, code="disk_full", status=507)
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as copy, source.open("rb") as original:
            shutil.copyfileobj(original, copy, 4 * 1024 * 1024)
            copy.flush()
            os.fsync(copy.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, target)
    except OSError as error:
        Path(aside).unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DomainError(_("The disk of this site is full."), code="disk_full", status=507) from error
        raise


def leave_quarantine(*files):
    """Remove what lies in quarantine for these files once the transaction is sure."""
    old = [file.full_path for file in files if file.path and not file.is_stored]
    transaction.on_commit(lambda: [path.unlink(missing_ok=True) for path in old])


def drop(*files):
    """Delete the bytes of files whose rows the caller deletes in this transaction, unless other rows have them too."""
    keys = [file.pk for file in files]
    doomed = []
    for file in files:
        shared = ModelFile.objects.select_for_update().filter(path=file.path).exclude(pk__in=keys)
        if file.path and not shared.exists() and not in_use(file.path, keys):
            doomed.append(file.full_path)
    transaction.on_commit(lambda: [_remove(path) for path in doomed])


def in_use(path, but):
    """Whether a version that is not made of the files `but` is loaded from `path`."""
    return ModelVersion.objects.filter(path=path).exclude(files__in=but).exists()


def _remove(path):
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()
