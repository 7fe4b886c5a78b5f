"""Leaving for good: closed at once, deleted after days of grace.

An account that is to be deleted is inactive: no page, session, token or link of it works. Signing in within the days
of grace offers to take it back. What the apps do when an account is closed, taken back and deleted, they register here
in AppConfig.ready; keys to the user are the database's business (CASCADE or SET_NULL).
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import exporting, portraits, presence, sanctions
from accounts.models import ApiToken, Profile, Sanction, User
from visionary.common import files, limits
from visionary.common.exceptions import DomainError

logger = logging.getLogger(__name__)

GRACE = timedelta(days=14)
GUESSES = {"most": 5, "seconds": 600}
# Functions of the user. The first two get the moment of closing as well, by which what was hidden is found again.
on_close: list[Callable] = []
on_reopen: list[Callable] = []
# Delete what has files, counters, or rows that must not go with the account; each may commit by itself.
on_delete: list[Callable] = []


def check_password(user, password):
    """Raises DomainError unless `password` is the user's; TooMany."""
    limits.count("deletion", str(user.pk), **GUESSES)
    if not user.check_password(password):
        raise DomainError(_("Password: this is not your password."), code="wrong_password", field="password")


@transaction.atomic
def close(*, user, keeps_models=True, now=None):
    """Close `user` at once, to be deleted after GRACE. Raises DomainError for the last administrator."""
    refuse_last_administrator(user)
    now = now or timezone.now()
    chosen = {"deletion_due_at": now + GRACE, "deletion_keeps_models": keeps_models, "is_active": False}
    if not User.objects.filter(pk=user.pk, deletion_due_at=None).update(**chosen):
        return
    user.refresh_from_db()
    ApiToken.objects.filter(user=user).delete()
    sanctions.end_everything(user)
    for hook in on_close:
        hook(user, now)
    transaction.on_commit(lambda: presence.forget(user))


def refuse_last_administrator(user):
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        message = _("You are the only administrator. Make somebody else one before you leave.")
        raise DomainError(message, code="last_administrator", status=409)


@transaction.atomic
def reopen(*, user):
    """Take a closed account back. Returns whether it was still there to take."""
    due = User.objects.select_for_update().filter(pk=user.pk, deletion_due_at__gt=timezone.now()).first()
    if due is None:
        return False
    closed_at = due.deletion_due_at - GRACE
    User.objects.filter(pk=user.pk).update(deletion_due_at=None, is_active=True)
    for hook in on_reopen:
        hook(due, closed_at)
    user.refresh_from_db()
    return True


def delete_due(now=None):
    """Delete the accounts whose days of grace are over. Returns how many; one that fails does not hold up others."""
    due = User.objects.filter(deletion_due_at__lte=now or timezone.now(), is_active=False)
    done = 0
    for user in list(due):
        try:
            delete(user)
            done += 1
        except Exception:
            logger.exception("account %s could not be deleted; the next round tries again", user.pk)
    return done


def delete(user):
    """Delete rows, files and previews of `user` for good."""
    for hook in on_delete:
        hook(user)
    with transaction.atomic():
        exporting.remove(user.exports.all())
        for profile in Profile.objects.filter(user=user):
            files.remove_on_commit(*portraits.files_of(profile))
        # That there was a sanction stays on record; whose it was, and what was noted of them, does not.
        Sanction.objects.filter(user=user).update(user=None, note="")
        user.delete()
