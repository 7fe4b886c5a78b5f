"""Who uses the site."""

import unicodedata
from datetime import UTC, datetime

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
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


# Django's own, so that nobody is signed out for nothing.
SESSION_SALT = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
# Later than any date a person would type, and storable in every database.
OPEN_END = datetime(9000, 1, 1, tzinfo=UTC)


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
    # What the running sanctions come to (accounts.sanctions keeps these equal to the Sanction rows): until when.
    # An open-ended one is OPEN_END. A page, a token and a socket read them with the user they load anyway.
    banned_until = models.DateTimeField(_("banned until"), null=True, blank=True, editable=False)
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True, editable=False)
    # Counted up to end every session, token-bearing socket and remember-me cookie at once.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    # Asked to be deleted: closed now, gone then.
    deletion_due_at = models.DateTimeField(_("to be deleted"), null=True, blank=True, editable=False)
    # What its owner chose for then: their models stay without a name, or are withdrawn.
    deletion_keeps_models = models.BooleanField(default=True, editable=False)

    objects = Users()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        permissions = [("trust_user", _("May say who is trusted"))]

    def save(self, *args, **kwargs):
        self.username_key = username_key(self.username)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("profile", args=[self.username])

    @property
    def is_banned(self):
        return self.banned_until is not None and self.banned_until > timezone.now()

    @property
    def is_muted(self):
        return self.muted_until is not None and self.muted_until > timezone.now()

    def _get_session_auth_hash(self, secret=None):
        """Django's hook for what a session must still fit: the password, and how often all sessions were ended."""
        epoch = f"#{self.session_epoch}" if self.session_epoch else ""
        return salted_hmac(SESSION_SALT, self.password + epoch, secret=secret, algorithm="sha256").hexdigest()
