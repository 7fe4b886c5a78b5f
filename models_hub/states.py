"""The life of a version: draft, under inspection, ready, waiting, published, rejected, withdrawn; and the trash.

Every change is one conditional UPDATE whose count is looked at, so of two people who act at once one is told that the
state has changed. Every function takes `by=`, whoever acts (None: the site itself or its operator), and asks whether
they may. Files are put in their public place before the row says "published"; see models_hub.storing.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from models_hub import judging, storing, telling
from models_hub.models import ModelCard, ModelFile, ModelSample, ModelVersion
from visionary.common.exceptions import DomainError

logger = logging.getLogger(__name__)
Status = ModelVersion.Status
# What may become of a state by one act.
MOVES = {
    Status.DRAFT: {Status.INSPECTING, Status.READY},
    Status.INSPECTING: {Status.DRAFT, Status.READY, Status.REJECTED},
    Status.READY: {Status.DRAFT, Status.INSPECTING, Status.WAITING, Status.PUBLISHED},
    Status.WAITING: {Status.READY, Status.INSPECTING, Status.PUBLISHED, Status.REJECTED},
    Status.REJECTED: {Status.DRAFT, Status.INSPECTING, Status.READY, Status.WAITING},
    Status.PUBLISHED: {Status.WITHDRAWN},
    Status.WITHDRAWN: {Status.PUBLISHED},
}
TRASH_DAYS = 30
MAX_REASON = 500  # characters
# Called with the ModelVersion after the commit that made it public, or took it away. One that fails stops nobody.
on_published: list[Callable[[ModelVersion], object]] = []
on_removed: list[Callable[[ModelVersion], object]] = []


class Changed(DomainError):
    code = "state_changed"
    status = 409


class NotAllowed(DomainError):
    code = "not_allowed"
    status = 403


def submit(version, by):
    """Publish what is ready: at once when `by` is trusted, else after a moderator has looked. Returns the version."""
    _check_owner(version.card, by)
    _fresh(version)
    _check_complete(version)
    if needs_moderator(version, by):
        _move(version, Status.WAITING, (Status.READY, Status.REJECTED), reason="")
        return version
    return _publish(version, by, (Status.READY, Status.REJECTED) if _is_moderator(by) else (Status.READY,))


def recall(version, by):
    """Take a waiting version back, to change it."""
    _check_owner(version.card, by)
    _move(version, Status.READY, (Status.WAITING,))
    return version


def approve(version, by):
    """Publish what waits."""
    _check_moderator(by)
    _fresh(version)
    _check_complete(version)
    return _publish(version, by, (Status.WAITING,))


def approve_sample(sample, by):
    """Show a picture that came after its version was approved. False when it was shown already."""
    _check_moderator(by)
    return bool(ModelSample.everything.filter(pk=sample.pk, is_waiting=True).update(is_waiting=False))


@transaction.atomic
def reject(version, by, reason):
    """Send what waits back to its owner, who reads the reason and may change it and submit again."""
    _check_moderator(by)
    _move(version, Status.REJECTED, (Status.WAITING,), reason=_reason(reason, required=True), taken_down=True)
    telling.tell(version, "rejected", reason=version.reason, by=by)
    return version


@transaction.atomic
def withdraw(what, by, reason=""):
    """Take a version, or a card with all its versions, out of the generator and the lists. Files stay."""
    card = what if isinstance(what, ModelCard) else what.card
    foreign = _check_owner(card, by)
    reason = _reason(reason, required=foreign)
    versions = card.versions.filter(status=Status.PUBLISHED) if isinstance(what, ModelCard) else [what]
    gone = [_withdraw_one(version, by, reason, foreign) for version in versions]
    if not gone:
        raise Changed(_("No version of this model is published."))
    if isinstance(what, ModelCard):
        ModelCard.objects.filter(pk=card.pk).update(withdrawn_reason=reason)
        _take_down(card, foreign)
    _sum_up(card)
    return what


def _take_down(card, foreign):
    """What a moderator does to a model holds for versions, too, that its owner had withdrawn or not published yet."""
    if foreign:
        card.versions.update(taken_down=True)


def _withdraw_one(version, by, reason, foreign):
    fields = {"taken_down": True} if foreign else {}
    _move(version, Status.WITHDRAWN, (Status.PUBLISHED,), reason=reason, **fields)
    telling.tell(version, "withdrawn", reason=reason, by=by)
    _call(on_removed, version)
    return version


def restore(what, by):
    """Bring back a withdrawn version, all withdrawn versions of a card, or a card from the trash."""
    if isinstance(what, ModelCard):
        if what.deleted_at is not None:
            return _from_trash(what, by)
        versions = what.versions.filter(status=Status.WITHDRAWN).select_related("card")
        if not _is_moderator(by):
            versions = versions.filter(taken_down=False)
        if not (back := [_restore_one(version, by) for version in versions]):
            raise NotAllowed(_("There is nothing that you may bring back. Ask a moderator."))
        return back[0].card
    return _restore_one(what, by)


def _restore_one(version, by):
    _check_owner(version.card, by)
    _fresh(version)
    if version.taken_down and not _is_moderator(by):
        raise NotAllowed(_("A moderator withdrew this version. Only a moderator can bring it back."), code="taken_down")
    return _publish(version, by, (Status.WITHDRAWN,), told="restored")


@transaction.atomic
def trash(card, by):
    """Put a model away; it is deleted for good 30 days later. What a moderator throws away is withdrawn as well."""
    foreign = _check_owner(card, by)
    if not ModelCard.objects.filter(pk=card.pk, deleted_at=None).update(deleted_at=timezone.now()):
        raise Changed(_("This model is in the trash already."))
    card.refresh_from_db(fields=["deleted_at"])
    card.versions.filter(status=Status.WAITING).update(status=Status.READY)
    for version in card.versions.filter(status=Status.PUBLISHED):
        if foreign:
            _withdraw_one(version, by, _("Deleted by a moderator."), foreign)
        else:
            _call(on_removed, version)
    _take_down(card, foreign)
    if foreign:
        _sum_up(card)
    return card


@transaction.atomic
def _from_trash(card, by):
    _check_owner(card, by)
    if not ModelCard.objects.filter(pk=card.pk).exclude(deleted_at=None).update(deleted_at=None):
        raise Changed(_("This model is not in the trash."))
    card.refresh_from_db(fields=["deleted_at"])
    for version in card.versions.filter(status=Status.PUBLISHED):
        _call(on_published, version)
    return card


def purge(card, by=None):
    """Delete a model in the trash for good, before its time if an administrator says so. True when no row is left.

    Versions that jobs and recipes name stay as names without files.
    """
    if by is not None and not by.is_superuser:
        raise NotAllowed(_("Only administrators delete for good."))
    with transaction.atomic():
        card = ModelCard.objects.select_for_update().filter(pk=card.pk).exclude(deleted_at=None).first()
        if card is None:
            raise Changed(_("This model is not in the trash."))
        files = list(ModelFile.objects.select_for_update().filter(version__card=card).select_related("version"))
        storing.drop(*files)
        ModelFile.objects.filter(pk__in=[file.pk for file in files]).delete()
        try:
            with transaction.atomic():
                card.delete()
        except ProtectedError:
            card.versions.filter(status=Status.PUBLISHED).update(status=Status.WITHDRAWN)
            card.versions.update(path="", layout="", size=0)
            return False
    return True


def purge_due(now=None):
    """Delete what has been in the trash for 30 days. Returns how many models."""
    due = ModelCard.objects.filter(deleted_at__lte=(now or timezone.now()) - timedelta(days=TRASH_DAYS))
    left = due.filter(versions__files__isnull=False) | due.filter(versions__isnull=True)
    cards = list(left.distinct()[:100])
    for card in cards:
        purge(card)
    return len(cards)


# --- What inspection does -----------------------------------------------------------------------


def begin_inspection(version):
    """A file has come in: whatever the version was ready for, it has to be looked at again."""
    open_states = (Status.DRAFT, Status.READY, Status.REJECTED, Status.WAITING)
    ModelVersion.objects.filter(pk=version.pk, status__in=open_states).update(status=Status.INSPECTING)


@transaction.atomic
def end_inspection(version):
    """All files of a version have been looked at, or not yet: set its state accordingly and tell the owner."""
    version = ModelVersion.objects.select_for_update().select_related("card__owner").get(pk=version.pk)
    states = set(version.files.values_list("state", flat=True))
    if version.status != Status.INSPECTING or ModelFile.State.PENDING in states:
        return version
    if ModelFile.State.REFUSED in states:
        reason = _first_refusal(version)
        _move(version, Status.REJECTED, (Status.INSPECTING,), reason=reason)
        telling.tell(version, "refused", reason=reason)
    elif states:
        _move(version, Status.READY, (Status.INSPECTING,), reason="")
        telling.tell(version, "question" if ModelFile.State.QUESTION in states else "ready")
    else:
        _move(version, Status.DRAFT, (Status.INSPECTING,), reason="")
    return version


def _first_refusal(version):
    from models_hub import findings
    from models_hub.models import Finding

    found = Finding.objects.filter(file__version=version, severity=Finding.Severity.REFUSED).first()
    return findings.sentence(found)[:MAX_REASON] if found else ""


# --- How ----------------------------------------------------------------------------------------


def _publish(version, by, expected, told="published"):
    """Files first, then the row; the old places are cleared when that is sure."""
    if version.status not in expected or version.card.deleted_at is not None:
        raise Changed(_("The state of this version has changed meanwhile. Look at it again."))
    files = list(version.files.all())
    places = {file: storing.place(file) for file in files if file.path}
    with transaction.atomic():
        card = ModelCard.objects.select_for_update().get(pk=version.card_id)
        if card.deleted_at is not None or set(version.files.values_list("pk", flat=True)) != {one.pk for one in files}:
            raise Changed(_("The files of this version have changed meanwhile. Look at it again."))
        now = timezone.now()
        first = version.published_at or now
        fields = {**_weights(version, files, places), "published_at": first, "reason": "", "taken_down": False}
        _move(version, Status.PUBLISHED, expected, **fields)
        storing.leave_quarantine(*files)
        for file, path in places.items():
            ModelFile.objects.filter(pk=file.pk).update(path=path)
        fields = {"last_version_at": now} if first == now else {}
        fields |= {"published_at": now} if card.published_at is None else {}
        ModelCard.objects.filter(pk=card.pk).update(withdrawn_reason="", **fields)
        if by is not None and _is_moderator(by):
            ModelSample.everything.filter(version=version).update(is_waiting=False)
        _sum_up(version.card)
        telling.tell(version, told, by=by)
        _call(on_published, version)
    return version


def _weights(version, files, places):
    """{"path", "layout", "sha256", "size"} of the file that is loaded; of several precisions the half one."""
    models = sorted((file for file in files if file.role == ModelFile.Role.MODEL and file.path), key=_preference)
    if not models:
        return {}  # added by an operator: the version knows its path already
    layout = ModelVersion.Layout.SINGLE
    return {"path": places[models[0]], "layout": layout, "sha256": models[0].sha256, "size": models[0].size}


def _preference(file):
    return file.precision not in ("fp16", "bf16"), file.name


def _move(version, to, expected, **fields):
    """The one conditional UPDATE. Raises Changed when the state is not among `expected` any more."""
    allowed = [state for state in expected if to in MOVES[state]]
    if not ModelVersion.objects.filter(pk=version.pk, status__in=allowed).update(status=to, **fields):
        raise Changed(_("The state of this version has changed meanwhile. Look at it again."))
    for name, value in {"status": to, **fields}.items():
        setattr(version, name, value)


def _sum_up(card):
    """A card is published while one of its versions is."""
    states = set(ModelVersion.objects.filter(card_id=card.pk).values_list("status", flat=True))
    status = ModelCard.Status.DRAFT
    if Status.PUBLISHED in states:
        status = ModelCard.Status.PUBLISHED
    elif Status.WITHDRAWN in states:
        status = ModelCard.Status.WITHDRAWN
    ModelCard.objects.filter(pk=card.pk).update(status=status)
    card.refresh_from_db(fields=["status", "published_at", "last_version_at", "withdrawn_reason"])


def _call(hooks, version):
    for hook in hooks:
        transaction.on_commit(partial(_call_one, hook, version))


def _call_one(hook, version):
    try:
        hook(version)
    except Exception:
        logger.exception("what follows on a change of %s failed", version)


def _fresh(version):
    """The caller's version and its card as the database has them now."""
    version.refresh_from_db()
    version.card = ModelCard.objects.select_related("owner").get(pk=version.card_id)
    return version


def _check_complete(version):
    states = dict.fromkeys(version.files.values_list("role", "state"))
    if not states and version.path:
        return  # added by an operator
    if not any(role == ModelFile.Role.MODEL for role, _state in states):
        raise DomainError(_("Files: add the weights first."), code="no_files", field="files")
    found = {state for _role, state in states}
    if ModelFile.State.PENDING in found:
        raise DomainError(_("Files: inspection is not over yet. Wait a moment."), code="inspecting", status=409)
    if ModelFile.State.REFUSED in found:
        raise DomainError(_("Files: one was refused. Remove or replace it."), code="refused_file", field="files")
    if ModelFile.State.QUESTION in found:
        raise DomainError(_("Files: answer the questions of inspection first."), code="open_question", field="files")
    if differs := judging.contradiction(version):
        message = _("Model: you say “%(said)s”, the file is “%(found)s”. Correct the first step, or replace the file.")
        raise DomainError(message % differs, code="contradicts_file", field="kind")


def needs_moderator(version, by):
    """Whether what `by` adds to `version` is shown only after a moderator has looked."""
    from accounts import roles

    if by is None or roles.is_moderator(by):
        return False
    # Whoever insists on another kind than the file's is looked at by somebody.
    insists = version.files.filter(findings__code="kind_differs", findings__answer="mine").exists()
    # A new version is no way around what a moderator has taken down.
    is_watched = version.card.versions.filter(taken_down=True).exists()
    return is_watched or insists or not roles.may_publish_at_once(by)


def _is_moderator(by):
    from accounts import roles

    return by is None or roles.is_moderator(by)


def _check_moderator(by):
    if not _is_moderator(by):
        raise NotAllowed(_("Only moderators may do that."))


def _check_owner(card, by):
    """Raise unless `by` owns the model or is a moderator; True when they act on what is not theirs."""
    from accounts import sanctions

    mine = by is not None and card.owner_id == by.pk
    if by is not None:
        sanctions.refuse_if_banned(by)
        sanctions.refuse_if_muted(by)
    if not mine and not _is_moderator(by):
        raise NotAllowed(_("This model belongs to somebody else."))
    return not mine


def _reason(text, required=False):
    text = (text or "").replace("\x00", "").strip()[:MAX_REASON]
    if required and not text:
        raise DomainError(_("Reason: say why, the owner reads it."), code="no_reason", field="reason")
    return text
