"""Signing in by `Authorization: Bearer va_...`."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions

from accounts.models import ApiToken

# A busy client must not cost a database write per request.
LAST_USE_PRECISION = timedelta(minutes=1)


class TokenAuthentication(authentication.BaseAuthentication):
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
        note_use(token)
        return token.user, token

    def authenticate_header(self, request):
        return self.keyword


def note_use(token):
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_PRECISION)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
