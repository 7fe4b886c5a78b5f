"""The browsers that are signed in to an account: listed, ended one by one or all at once."""

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from accounts import sockets
from accounts.models import User


def live(user):
    """UserSessions that still open something, newest first. Rows of sessions that have ended are removed."""
    return sorted(UserSession.objects.purge_and_list(user), key=lambda row: row.created_at, reverse=True)


def end(user, pk):
    """Sign one browser out. Returns whether there was such a session of `user`."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row is None:
        return False
    key = row.session_key
    row.end()
    transaction.on_commit(lambda: sockets.close_session(user.pk, key), robust=True)
    return True


def end_others(request):
    """Sign out everywhere but here. By the epoch: it ends sessions that no list knows of, too."""
    user = request.user
    with transaction.atomic():
        delete_sessions(user, but=request.session.session_key)
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        user.refresh_from_db(fields=["session_epoch"])
        UserSession.objects.filter(user=user).delete()
        update_session_auth_hash(request, user)
        request.session.save()
        UserSession.objects.create_from_request(request)
    transaction.on_commit(lambda: sockets.close_all(user.pk), robust=True)


def end_all(request):
    """Sign out everywhere, here too."""
    user = request.user
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        delete_sessions(user)
        logout(request)
    transaction.on_commit(lambda: sockets.close_all(user.pk), robust=True)


def delete_sessions(user, but=None):
    """Remove what the database knows of a user's sessions."""
    rows = UserSession.objects.filter(user_id=user.pk).exclude(session_key=but)
    Session.objects.filter(session_key__in=list(rows.values_list("session_key", flat=True))).delete()
    rows.delete()
