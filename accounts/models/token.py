"""Passwords for programs."""

import hashlib
import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class ApiTokenQuerySet(models.QuerySet):
    def live(self):
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), user__is_active=True)


class ApiToken(models.Model):
    """A password for programs. Only its digest is stored; the token itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("prefix"), max_length=8, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # Names of accounts.scopes; empty means everything, as tokens made by signing in have.
    scopes = models.JSONField(_("scopes"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return f"{self.prefix}…"

    @staticmethod
    def digest_of(secret: str) -> str:
        # The secret is 256 random bits: a plain hash of it cannot be guessed back, and look-up stays one query.
        return hashlib.sha256(secret.encode()).hexdigest()

    @classmethod
    def issue(cls, user, name, expires_at=None, scopes=()):
        """Return (token row, the secret); the secret cannot be had again. No `scopes`: it may do everything."""
        secret = f"va_{secrets.token_urlsafe(32)}"
        row = cls.objects.create(
            user=user,
            name=name,
            prefix=secret[:8],
            digest=cls.digest_of(secret),
            expires_at=expires_at,
            scopes=list(scopes),
        )
        return row, secret
