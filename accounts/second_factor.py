"""The second factor: codes of a phone, recovery codes, and who must have one."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from accounts import attempts
from visionary.common.exceptions import DomainError


class Adapter(DefaultMFAAdapter):
    """Secrets lie encrypted in the database: a copy of it alone makes no codes."""

    def encrypt(self, text):
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet():
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factor:" + secret.encode()).digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def is_on(user):
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()


def is_missing(user):
    """Whether the operator wants a second factor of `user`, who has none."""
    return settings.STAFF_SECOND_FACTOR and user.is_staff and not is_on(user)


def refuse_bare_staff(user):
    """For tokens, which cannot be led to the set-up. Raises DomainError."""
    if is_missing(user):
        sentence = _("Your role needs a second factor. Set it up to go on.")
        raise DomainError(sentence, code="second_factor", status=403)


def check(request, user, code):
    """Raise DomainError unless `user` has no second factor, or `code` (of the phone or a recovery code) is right."""
    factors = list(Authenticator.objects.filter(user=user, type__in=["totp", "recovery_codes"]))
    if not factors:
        return
    if not code:
        sentence = _("This account has a second factor: send the code of your authenticator app as `code`.")
        raise DomainError(sentence, code="second_factor", field="code", status=401)
    attempt = attempts.begin(request, f"mfa-auth-user-{user.pk}")
    used = next((factor for factor in factors if factor.wrap().validate_code(code)), None)
    if used is None:
        sentence = _("The code is wrong or was used already. Wait for the next one.")
        raise DomainError(sentence, code="second_factor", field="code", status=401)
    used.record_usage()
    attempt.forgive()
