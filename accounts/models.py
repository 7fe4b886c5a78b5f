"""Who uses the site."""

import hashlib
import secrets
import unicodedata

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def username_key(username: str) -> str:
    """What makes two usernames the same: 'Ａnna' and 'ANNA' are taken once 'anna' is."""
    return unicodedata.normalize("NFKC", username).casefold()


SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def mixes_alike(username: str) -> bool:
    """Whether letters of alphabets that look like each other stand in one name: 'аnna' with a Cyrillic а."""
    plain = unicodedata.normalize("NFKC", username)
    named = {unicodedata.name(mark, "").partition(" ")[0] for mark in plain if mark.isalpha()}
    return len(named & set(SCRIPTS)) > 1


def refuse_mixed_scripts(username: str) -> None:
    """Validator of usernames. Chinese beside Latin letters is fine: nobody takes one for the other."""
    if mixes_alike(username):
        message = _("Use one alphabet in the username: Latin, Cyrillic and Greek letters look alike when mixed.")
        raise ValidationError(message, code="mixed_scripts")


class Users(UserManager):
    def get_by_natural_key(self, username):
        return self.get(username_key=username_key(username))


class User(AbstractUser):
    """An account. What others see of it is its Profile."""

    username = models.CharField(
        _("username"),
        max_length=30,
        unique=True,
        validators=[
            RegexValidator(
                r"^(?!\.+\Z)[\w.-]{2,30}\Z",
                _("Use 2 to 30 letters, digits, dots, dashes or underscores in the username."),
            ),
            refuse_mixed_scripts,
        ],
    )
    username_key = models.CharField(max_length=90, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), blank=True)

    objects = Users()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def save(self, *args, **kwargs):
        self.username_key = username_key(self.username)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("profile", args=[self.username])


class Profile(models.Model):
    """What a user shows of themselves."""

    user = models.OneToOneField(User, models.CASCADE, related_name="profile", verbose_name=_("user"))
    bio = models.TextField(_("about me"), max_length=500, blank=True)
    website = models.URLField(_("website"), blank=True)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self):
        return str(self.user)


class ApiTokenQuerySet(models.QuerySet):
    def live(self):
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), user__is_active=True)


class ApiToken(models.Model):
    """A password for programs. Only its digest is stored; the token itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("prefix"), max_length=8, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
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
    def issue(cls, user, name, expires_at=None):
        """Return (token row, the secret); the secret cannot be had again."""
        secret = f"va_{secrets.token_urlsafe(32)}"
        row = cls.objects.create(
            user=user, name=name, prefix=secret[:8], digest=cls.digest_of(secret), expires_at=expires_at
        )
        return row, secret
