"""Bans and mutes: issued, lifted, read. The rows are the history; User.banned_until and muted_until sum them up.

What else ends with a ban registers itself in `on_ban` (in its AppConfig.ready): a function of the user that works
in the transaction of the ban and must not need anything but the database. One that fails does not save the banned.
"""

import logging
from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts import roles, sockets
from accounts.models import OPEN_END, Sanction, User
from accounts.sessions import delete_sessions
from visionary.common.exceptions import DomainError

logger = logging.getLogger(__name__)

on_ban: list[Callable[[User], object]] = []
MAX_REASON = 500
COLUMNS = {Sanction.Kind.BAN: "banned_until", Sanction.Kind.MUTE: "muted_until"}


class Refused(DomainError):
    code = "not_allowed"
    status = 403


def ban(*, user, reason, by, until=None, note=""):
    """Shut `user` out until `until` (None: until it is lifted). Returns the Sanction. Raises Refused, DomainError."""
    return _issue(Sanction.Kind.BAN, user, reason, by, until, note)


def mute(*, user, reason, by, until=None, note=""):
    """Let `user` read and draw, but not write to others until `until`. Returns the Sanction. Raises as `ban` does."""
    return _issue(Sanction.Kind.MUTE, user, reason, by, until, note)


@transaction.atomic
def _issue(kind, user, reason, by, until, note):
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_rank(user, by, "accounts.add_sanction")
    row = Sanction.objects.create(
        user=user, kind=kind, reason=_checked(reason), note=note.replace("\x00", ""), until=_future(until), issued_by=by
    )
    _sum_up(user)
    if kind == Sanction.Kind.BAN:
        end_everything(user)
    return row


@transaction.atomic
def lift(*, sanction, by, reason):
    """End a sanction before its time. Raises Refused, DomainError (it is over already)."""
    user = User.objects.select_for_update().filter(pk=sanction.user_id).first()
    if user is None:
        raise DomainError(_("This account does not exist any more."), code="over", status=409)
    _check_rank(user, by, "accounts.change_sanction")
    changed = Sanction.objects.running().filter(pk=sanction.pk)
    if not changed.update(lifted_at=timezone.now(), lifted_by=by, lift_reason=_checked(reason)):
        raise DomainError(_("This sanction is over already."), code="over", status=409)
    _sum_up(user)
    sanction.refresh_from_db()
    return sanction


def _check_rank(user, by, permission):
    if user.pk == by.pk:
        raise Refused(_("Nobody can sanction themselves, or lift a sanction of their own."))
    if by.is_banned or not by.has_perm(permission):
        raise Refused(_("Only moderators may do this."))
    if not roles.outranks(by, user):
        raise Refused(_("Their role is as high as yours, or higher."))


def _checked(reason):
    reason = reason.replace("\x00", "").strip()
    if not reason:
        raise DomainError(_("Reason: say why; the person reads it."), field="reason", code="required")
    if len(reason) > MAX_REASON:
        raise DomainError(_("Reason: use at most %(most)d characters.") % {"most": MAX_REASON}, field="reason")
    return reason


def _future(until):
    if until is not None and until <= timezone.now():
        raise DomainError(_("Until: choose a time that is still to come, or none."), field="until", code="past")
    return until


def _sum_up(user):
    """Keep the user's columns equal to the running rows."""
    ends = dict.fromkeys(COLUMNS.values())
    for kind, until in Sanction.objects.running().filter(user=user).values_list("kind", "until"):
        ends[COLUMNS[kind]] = max(ends[COLUMNS[kind]] or until or OPEN_END, until or OPEN_END)
    User.objects.filter(pk=user.pk).update(**ends)
    for column, end in ends.items():
        setattr(user, column, end)


def end_everything(user):
    """Sessions and links die by the epoch, tokens by the column; the hooks end the rest, sockets hear of it last."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    delete_sessions(user)
    for hook in on_ban:
        try:
            with transaction.atomic():
                hook(user)
        except Exception:
            logger.exception("%s failed for the banned user %s", hook, user.pk)
    transaction.on_commit(lambda: sockets.close_all(user.pk), robust=True)


def running(user, kind):
    """The Sanction that holds longest, or None."""
    rows = Sanction.objects.running().filter(user=user, kind=kind)
    return max(rows, key=lambda row: row.until or OPEN_END, default=None)


def refuse_if_banned(user):
    """Raise DomainError "banned", with the reason and the end, when `user` is."""
    if user.is_banned:
        raise DomainError(sentence(running(user, Sanction.Kind.BAN), user.banned_until), code="banned", status=403)


def refuse_if_muted(user):
    """What every service that writes to others asks first. Raises DomainError "muted" (or "banned")."""
    refuse_if_banned(user)
    if user.is_muted:
        raise DomainError(sentence(running(user, Sanction.Kind.MUTE), user.muted_until), code="muted", status=403)


def sentence(sanction, until):
    """What the person reads. `sanction` may be None: it was lifted at this moment."""
    muted = sanction is not None and sanction.kind == Sanction.Kind.MUTE
    values = {"reason": sanction.reason if sanction else "", "until": when(until)}
    if muted and until >= OPEN_END:
        return _("You may read, but not write to others. Reason: %(reason)s") % values
    if muted:
        return _("You may read, but not write to others, until %(until)s. Reason: %(reason)s") % values
    if until >= OPEN_END:
        return _("This account is closed until a moderator opens it again. Reason: %(reason)s") % values
    return _("This account is closed until %(until)s. Reason: %(reason)s") % values


def when(until):
    return formats.date_format(timezone.localtime(until), "DATETIME_FORMAT")
