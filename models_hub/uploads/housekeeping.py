"""What uploads leave behind, cleared away: expired ones, and files without rows."""

import logging
import time
import uuid

from django.conf import settings
from django.utils import timezone

from models_hub.models import ModelFile, Upload
from models_hub.uploads import arrival, quarantine

logger = logging.getLogger(__name__)

# A file without a row this old was left by a crash.
ORPHAN_SECONDS = 30 * 60
ROUND = 500


def clear(now=None):
    """One round. Returns (uploads ended, files without rows removed)."""
    now = now or timezone.now()
    settle_whole()
    ended = end_expired(now)
    return ended, remove_orphans(now.timestamp())


def settle_whole():
    """Uploads whose last byte came just before a crash."""
    for upload in Upload.objects.filter(state=Upload.State.RECEIVING)[:ROUND]:
        if quarantine.size_of(upload) == upload.length:
            arrival.settle(upload)


def end_expired(now):
    ended = 0
    for upload in Upload.objects.filter(expires_at__lte=now, file=None)[:ROUND]:
        ended += end(upload)
    return ended


def end(upload):
    """Delete an upload and its bytes; 0 when somebody is writing to it just now, or it has become a file meanwhile."""
    try:
        with quarantine.writing(upload):
            gone, _by_model = Upload.objects.filter(pk=upload.pk, file=None).delete()
            if gone:
                quarantine.remove(upload)
    except quarantine.Busy:
        return 0
    return int(bool(gone))


def drop_all(user):
    """End every upload of `user` that has become no file: they are banned, or their account goes."""
    return sum(end(upload) for upload in Upload.objects.filter(owner=user, file=None))


def remove_orphans(now):
    """Files in quarantine that neither an upload nor a model file knows."""
    old = [path for path in files_in_quarantine() if now - modified(path) > ORPHAN_SECONDS]
    return sum(remove_unknown(path) for path in old)


def files_in_quarantine():
    return [path for path in settings.QUARANTINE_DIR.glob("*/*") if path.is_file()]


def modified(path):
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def remove_unknown(path):
    name = path.relative_to(settings.QUARANTINE_DIR).as_posix()
    if ModelFile.objects.filter(path=name).exists():
        return 0
    try:
        key = uuid.UUID(path.name)
    except ValueError:
        return 0  # not ours
    if Upload.objects.filter(pk=key).exists():
        return 0
    path.unlink(missing_ok=True)
    return 1
