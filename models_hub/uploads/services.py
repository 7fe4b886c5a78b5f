"""Beginning, continuing and ending an upload."""

import logging
import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from models_hub.models import ModelFile, ModelVersion, Upload
from models_hub.uploads import arrival, metadata, quarantine, quotas
from visionary.common.exceptions import DomainError

logger = logging.getLogger(__name__)


class BadUpload(DomainError):
    code = "bad_upload"


def expiry():
    return timezone.now() + timedelta(hours=settings.UPLOAD_HOURS)


def refuse_sanctioned(user):
    """Raises DomainError for who is banned or muted."""
    from accounts import sanctions

    sanctions.refuse_if_banned(user)
    sanctions.refuse_if_muted(user)


@transaction.atomic
def create(*, owner, length, name, role=ModelFile.Role.MODEL, version=None, replaces=None):
    """Begin an upload of `length` bytes and return it. Raises DomainError; nothing is written then.

    With `version` (a ModelVersion that `owner` may change) the file goes there when it is whole, in the place of
    `replaces` if that is given; without, it waits for arrival.attach.
    """
    refuse_sanctioned(owner)
    name = metadata.file_name(name)
    if role not in ModelFile.Role.values:
        raise BadUpload(_("role: choose one of %(names)s.") % {"names": ", ".join(ModelFile.Role.values)}, field="role")
    if length < 1:
        raise BadUpload(_("File: it is empty. Choose another one."), code="empty", field="file")
    # Two uploads begun at once count one after the other.
    get_user_model().objects.select_for_update().get(pk=owner.pk)
    quotas.check(owner, length)
    return Upload.objects.create(
        owner=owner,
        length=length,
        name=name,
        role=role,
        version=version,
        replaces=replaces,
        expires_at=expiry(),
    )


def version_named(user, text):
    """The version with the id `text`, if `user` may put files into it. Raises DomainError."""
    found = ModelVersion.objects.filter(pk=key_of(text), card__in=arrival.cards_of(user)).first()
    if found is None:
        raise BadUpload(_("version: there is no such version, or it is not yours."), field="version", status=404)
    arrival.refuse_closed(found)
    return found


def key_of(text):
    """A row's number as a client wrote it; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def file_named(version, text):
    """The file of `version` with the id `text`. Raises BadUpload."""
    found = version.files.filter(pk=key_of(text)).first() if version else None
    if found is None:
        raise BadUpload(_("replaces: this version has no such file."), field="replaces", status=404)
    return found


def find(user, key):
    """The upload `key` (UUID) of `user`, or None."""
    return Upload.objects.filter(owner=user, pk=key if isinstance(key, uuid.UUID) else None).first()


def is_expired(upload):
    return upload.state == Upload.State.RECEIVING and upload.expires_at <= timezone.now()


def offset_of(upload):
    """Bytes that have arrived. An upload that is whole but was not noted as such (a crash) is settled now."""
    if upload.state != Upload.State.RECEIVING:
        return upload.length
    size = quarantine.size_of(upload)
    if size == upload.length:
        arrival.settle(upload)
    return size


def receive(*, upload, offset, body, checksum=""):
    """Append `body` (has `read`), which begins at `offset`, and return the new offset.

    Raises DomainError: busy (423), another offset than what is there (409), more than announced (413), damaged (460),
    disk full (507). What was written before stays in every case.
    """
    refuse_sanctioned(upload.owner)
    with quarantine.writing(upload) as file:
        if not Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING).exists():
            # Removed or finished between the look-up and the lock; opening it may have made an empty file.
            if not file.tell():
                quarantine.remove(upload)
            raise gone()
        if offset != file.tell():
            message = _("The upload stands at byte %(size)d, not %(offset)d. Continue from there.")
            raise BadUpload(message % {"size": file.tell(), "offset": offset}, code="wrong_offset", status=409)
        left = upload.length - offset
        try:
            with quarantine.verified(body, checksum, left) as checked:
                size = quarantine.append(file, checked, left)
        finally:
            Upload.objects.filter(pk=upload.pk).update(offset=file.tell(), expires_at=expiry())
    if size == upload.length:
        arrival.arrived(upload)
    return size


def gone():
    message = _("This upload is over: it has expired or was removed. Begin it anew.")
    return BadUpload(message, code="gone", status=410)


def remove(upload):
    """End an upload and delete what has arrived. Raises Busy, or BadUpload when it has become a file of a version."""
    if upload.file_id:
        message = _("This upload is complete and belongs to a model. Remove the file there.")
        raise BadUpload(message, code="upload_used", status=409)
    with quarantine.writing(upload):
        if Upload.objects.filter(pk=upload.pk, file=None).delete()[0]:
            quarantine.remove(upload)
