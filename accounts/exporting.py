"""Archives of all that is a user's own.

Every app says in its `exports.py` (called from AppConfig.ready) what becomes of each of its models that has a key to
a user: `register` gives the function that writes it, `skip` the reason why it is not a user's own. A test fails when
a model has neither.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from datetime import timedelta

import django_rq
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from redis.exceptions import RedisError

from accounts.models import Export, User
from visionary.common import limits
from visionary.common.exceptions import DomainError

KEEP = timedelta(days=7)
# An archive that has shown no sign of life for this long is lost: its worker died, or the queue was emptied.
LOST = timedelta(hours=2)
PER_USER = {"most": 5, "seconds": 86_400}
JOB_SECONDS = 3 * 3600
# Left free on the disk beside what an archive may take.
SPARE_BYTES = 256 * 1024 * 1024

Exporter = Callable[["Archive", User], object]
exporters: dict[str, Exporter] = {}
skipped: dict[str, str] = {}


def register(label: str, exporter: Exporter) -> None:
    """`exporter(archive, user)` writes what `user` has of the model `label` ("app.Model") into the Archive."""
    exporters[label] = exporter


def skip(label: str, because: str) -> None:
    """The model `label` has a key to users, yet is not theirs to take; `because` is for those who read the code."""
    skipped[label] = because


class Archive:
    """The ZIP while it is packed."""

    def __init__(self, file, told=lambda share: None):
        self.zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        self.told = told

    def json(self, name, rows):
        """Write an iterable of plain dictionaries as a JSON list, row by row: nothing is held whole in memory."""
        with self.zip.open(name, "w", force_zip64=True) as file:
            file.write(b"[")
            for number, row in enumerate(rows):
                text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
                file.write((",\n" if number else "\n").encode() + text.encode())
            file.write(b"\n]\n")

    def text(self, name, text):
        self.zip.writestr(name, text)

    def file(self, name, path):
        """Put a file in as it is (pictures are compressed already); one that is gone is left out."""
        if path.is_file():
            self.zip.write(path, name, zipfile.ZIP_STORED)

    def step(self, done, whole):
        """Tell how far the present part is, from 0 to `whole`."""
        self.told(done / whole if whole else 1)


def order(*, user):
    """Have an archive made; returns the Export. Raises DomainError while one is under way, TooMany."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two tabs ask one after the other
        give_up_lost()
        if Export.objects.under_way().filter(user=user).exists():
            raise DomainError(_("Your archive is being packed already."), code="under_way", status=409)
        limits.count("export", str(user.pk), **PER_USER)
        remove(Export.objects.filter(user=user))
        export = Export.objects.create(user=user)
        transaction.on_commit(lambda: enqueue(export))
    return export


def enqueue(export):
    try:
        queue = django_rq.get_queue("small")
        queue.enqueue("accounts.jobs.make_export", str(export.pk), result_ttl=0, job_timeout=JOB_SECONDS)
    except RedisError:
        fail(export, gettext_noop("The queue does not answer just now. Try again in a moment."))


def give_up_lost():
    lost = Export.objects.under_way().filter(updated_at__lt=timezone.now() - LOST)
    lost.update(state=Export.State.FAILED, failure=gettext_noop("The archive could not be finished. Try again."))


def fail(export, sentence):
    """`sentence` is English, to be translated for whoever reads it."""
    Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED, failure=sentence[:200])
    partial(export).unlink(missing_ok=True)


def partial(export):
    return export.path.with_suffix(".part")


def pack(export):
    """Write the archive of `export`, once: a second delivery of the job finds nothing to claim."""
    waiting = Export.objects.filter(pk=export.pk, state=Export.State.QUEUED)
    if not waiting.update(state=Export.State.RUNNING, updated_at=timezone.now()):
        return
    try:
        write(export)
    except OSError:
        fail(export, gettext_noop("There is not enough room on the server for your archive. Ask its operator."))
        raise
    except Exception:
        fail(export, gettext_noop("Something went wrong on our side. Try again."))
        raise


def write(export):
    settings.EXPORTS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    parts = list(exporters.values())
    with open(partial(export), "wb", opener=private) as file:
        archive = Archive(file)
        for number, exporter in enumerate(parts):
            archive.told = progress_of(export, number, len(parts))
            archive.told(0)
            exporter(archive, export.user)
        archive.zip.close()
        file.flush()
        os.fsync(file.fileno())
    publish(export)


def private(path, flags):
    return os.open(path, flags, 0o600)


def progress_of(export, number, whole):
    """A function that notes how far all is when part `number` is done to a share from 0 to 1."""
    last = -1

    def told(share):
        nonlocal last
        percent = int(100 * (number + share) / whole)
        if percent != last:
            last = percent
            room_left()
            Export.objects.filter(pk=export.pk).update(progress=percent, updated_at=timezone.now())

    return told


def room_left():
    """Raises OSError when the disk is nearly full: the site itself needs what is left."""
    if shutil.disk_usage(settings.EXPORTS_DIR).free < SPARE_BYTES:
        raise OSError("no room left for archives")


def publish(export):
    """The archive gets its name while its row still stands; the account may have gone meanwhile."""
    size = partial(export).stat().st_size
    done = {"state": Export.State.DONE, "progress": 100, "size": size, "expires_at": timezone.now() + KEEP}
    with transaction.atomic():
        if Export.objects.filter(pk=export.pk, state=Export.State.RUNNING).update(**done):
            os.replace(partial(export), export.path)
        else:
            partial(export).unlink(missing_ok=True)


def remove(exports):
    """Delete rows and their files."""
    paths = [path for export in exports for path in (export.path, partial(export))]
    exports.delete()
    transaction.on_commit(lambda: [path.unlink(missing_ok=True) for path in paths])


def clear():
    """Remove what has expired, and files without a row. Returns how many archives."""
    give_up_lost()
    old = Export.objects.filter(expires_at__lte=timezone.now())
    number = old.count()
    remove(old)
    known = {str(pk) for pk in Export.objects.values_list("pk", flat=True)}
    for path in settings.EXPORTS_DIR.glob("*.*") if settings.EXPORTS_DIR.is_dir() else ():
        if path.stem not in known:
            path.unlink(missing_ok=True)
    return number
