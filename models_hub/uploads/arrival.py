"""From a whole upload to a file of a version that waits for inspection."""

import contextlib
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from models_hub import jobs, states, storing
from models_hub.models import ModelCard, ModelFile, ModelVersion, Upload
from models_hub.uploads import quarantine
from visionary.common.exceptions import DomainError

# Where files may still come and go. What waits for a moderator or is published stays as it was seen.
OPEN = (
    ModelVersion.Status.DRAFT,
    ModelVersion.Status.INSPECTING,
    ModelVersion.Status.READY,
    ModelVersion.Status.REJECTED,
)


def cards_of(user):
    """Models that `user` may change: their own; moderators every one."""
    from accounts import roles

    alive = ModelCard.objects.alive()
    return alive if roles.is_moderator(user) else alive.filter(owner=user)


def refuse_closed(version):
    """Raise DomainError unless files may still come into `version` and go."""
    if version.status not in OPEN:
        message = _("The files of version %(name)s cannot be changed any more. Make a new version for new files.")
        raise DomainError(message % {"name": version.name}, code="version_closed", field="version", status=409)


@transaction.atomic
def arrived(upload):
    """Note that `upload` is whole. Returns its ModelFile, or None when it belongs to no open version yet.

    Called twice it does nothing the second time.
    """
    whole = Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING)
    if not whole.update(state=Upload.State.RECEIVED, offset=upload.length):
        settled = Upload.objects.select_related("file").filter(pk=upload.pk).first()
        return settled.file if settled else None
    upload.state, upload.offset = Upload.State.RECEIVED, upload.length
    version = ModelVersion.objects.select_for_update().filter(pk=upload.version_id, status__in=OPEN).first()
    if version is None:
        Upload.objects.filter(pk=upload.pk).update(version=None)
        return None
    return make_file(upload, version)


def settle(upload):
    """Note an upload as whole whose last byte came before a crash.

    Not while somebody is writing: a byte too many takes back what came, and inspection would have seen other bytes.
    """
    with contextlib.suppress(quarantine.Busy), quarantine.writing(upload):
        if quarantine.size_of(upload) == upload.length:
            arrived(upload)


@transaction.atomic
def attach(upload, version):
    """Put a whole upload that belongs nowhere into `version`. Raises DomainError."""
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    refuse_closed(version)
    if not Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVED, file=None).update(version=version):
        raise DomainError(_("This upload is not ready, or is used already."), code="not_ready", status=409)
    return make_file(upload, version)


def make_file(upload, version):
    """The pending ModelFile of `upload`; a file of the same name, or the one it replaces, makes way."""
    for old in version.files.filter(name=upload.name) | version.files.filter(pk=upload.replaces_id or 0):
        drop_file(old)
    file = ModelFile.objects.create(
        version=version,
        name=upload.name,
        size=upload.length,
        role=upload.role,
        state=ModelFile.State.PENDING,
        path=quarantine.name_of(upload),
    )
    Upload.objects.filter(pk=upload.pk).update(file=file)
    upload.file = file
    states.begin_inspection(version)
    transaction.on_commit(partial(jobs.order, file.pk))
    return file


def drop_file(file):
    """Delete a file's row, and its bytes unless another row has them too. Call it in a transaction."""
    Upload.objects.filter(file=file).delete()
    storing.drop(file)
    file.delete()
