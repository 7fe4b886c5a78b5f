"""Signing in by `Authorization: Bearer va_...`; making and taking back such tokens."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions

from accounts import sanctions, scopes, second_factor
from accounts.models import ApiToken
from visionary.common.exceptions import DomainError

# A busy client must not cost a database write per request.
LAST_USE_PRECISION = timedelta(minutes=1)
MOST_TOKENS = 50
LIVES = (30, 90, 365)  # days that the page offers; an operator's script may live for ever


class TokenAuthentication(authentication.BaseAuthentication):
    """Also the place where scopes hold: no view can forget to ask."""

    keyword = "Bearer"

    def authenticate(self, request):
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        token = ApiToken.objects.live().select_related("user").filter(digest=ApiToken.digest_of(secret.strip())).first()
        if token is None:
            raise exceptions.AuthenticationFailed(
                _("The token is unknown or has expired. Sign in again for a new one.")
            )
        sanctions.refuse_if_banned(token.user)
        second_factor.refuse_bare_staff(token.user)
        scopes.check(token, request.parser_context.get("view"), request.method)
        note_use(token)
        return token.user, token

    def authenticate_header(self, request):
        return self.keyword


def note_use(token):
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def of_user(user):
    """All tokens, the newest first; those that have expired can still be seen, and taken away."""
    return ApiToken.objects.filter(user=user).order_by("-created_at", "-id")


def make(*, user, name, scopes, expires_at=None, by_token=None):
    """A new token; (row, secret). `by_token` is the token that asks, if one does. Raises DomainError.

    A token hands on only what it may do itself, and cannot be outlived by what it makes.
    """
    name = name.replace("\x00", "").strip()
    if not name:
        raise DomainError(_("Name: say what the token is for."), field="name", code="required")
    if ApiToken.objects.filter(user=user).count() >= MOST_TOKENS:
        sentence = _("You have %(most)d tokens. Revoke one that you no longer use.")
        raise DomainError(sentence % {"most": MOST_TOKENS}, code="too_many_tokens", status=409)
    if by_token is not None:
        check_heir(by_token, scopes, expires_at)
    return ApiToken.issue(user, name[:60], expires_at=expires_at, scopes=scopes)


def make_room(user):
    """Take the oldest tokens that signing in made, so that one more is among MOST_TOKENS; chosen ones stay."""
    too_many = ApiToken.objects.filter(user=user).count() - MOST_TOKENS + 1
    if too_many > 0:
        signed_in = ApiToken.objects.filter(user=user, scopes=[]).exclude(expires_at=None).order_by("created_at", "id")
        ApiToken.objects.filter(pk__in=list(signed_in.values_list("pk", flat=True)[:too_many])).delete()


def check_heir(parent, scopes, expires_at):
    if parent.scopes and not (scopes and set(scopes) <= set(parent.scopes)):
        sentence = _("Scopes: a token can only hand on what it may do itself (%(scopes)s).")
        sentence %= {"scopes": ", ".join(parent.scopes)}
        raise DomainError(sentence, field="scopes", code="not_allowed", status=403)
    if parent.expires_at and (expires_at is None or expires_at > parent.expires_at):
        raise DomainError(_("Expiry: not later than that of the token you ask with."), field="expires_at")


def revoke(*, user, pk):
    """Take a token away; it opens nothing from now on. Returns whether there was one."""
    return bool(ApiToken.objects.filter(user=user, pk=pk).delete()[0])
