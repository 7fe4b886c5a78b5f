"""Signing in and up without a browser, by the same rules as the pages."""

from datetime import timedelta

from allauth.account.forms import SignupForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import update_last_login
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import attempts, sanctions, second_factor, tokens
from accounts.adapter import login_key
from accounts.models import ApiToken, User, username_key
from visionary.common.exceptions import DomainError

TOKEN_LIFE = timedelta(days=365)
# One address may belong to several accounts (until it is proven); each costs a password check.
MOST_CANDIDATES = 3


class WrongCredentials(DomainError):
    code = "wrong_credentials"
    status = 401


def sign_in(request, *, login, password, device, code=""):
    """(token row, secret) for the account that `login` (username or e-mail) and `password` open.

    Raises WrongCredentials, the same for an unknown account, a closed one and a wrong password; TooMany; and, once the
    password was right, DomainError for a ban, an address to be confirmed first, a missing or wrong second factor.
    """
    attempt = attempts.begin(request, login_key(login))
    user = next((user for user in candidates(login) if user.check_password(password)), None)
    if user is None:
        raise WrongCredentials(_("The username or e-mail address and the password do not fit together."))
    attempt.forgive()
    sanctions.refuse_if_banned(user)
    refuse_unconfirmed(user)
    second_factor.check(request, user, code)
    update_last_login(None, user)
    return issue_token(user, device)


def refuse_unconfirmed(user):
    mandatory = settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory"
    if mandatory and not EmailAddress.objects.filter(user=user, verified=True).exists():
        sentence = _("Confirm your e-mail address first: the letter sent to it has a link.")
        raise DomainError(sentence, code="unconfirmed", status=403)


def candidates(login):
    if "@" in login:
        found = filter_users_by_email(login, is_active=True, prefer_verified=True)[:MOST_CANDIDATES]
    else:
        found = list(User.objects.filter(username_key=username_key(login), is_active=True))
    if not found:
        # An unknown account must take as long as a known one.
        make_password(login)
    return found


def sign_up(request, *, username, email, password, device):
    """Create an account; (token row, secret). Raises DomainError at the first field in error, TooMany.

    A taken e-mail address is no error: the answer would tell who is registered. Where an address must be confirmed
    before anything else, the account is made, the letter sent, and DomainError "unconfirmed" says so.
    """
    attempts.begin(request, "", action="signup")
    form = SignupForm({"username": username, "email": email, "password1": password})
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        field = None if field == "__all__" else {"password1": "password"}.get(field, field)
        raise DomainError(f"{field}: {faults[0]}" if field else faults[0], code="bad_value", field=field)
    user = form.save(request)
    if settings.ACCOUNT_EMAIL_VERIFICATION != "none":
        send_verification_email_to_address(request, EmailAddress.objects.get_for_user(user, user.email), signup=True)
    refuse_unconfirmed(user)
    return issue_token(user, device)


def issue_token(user, device):
    """A token for a device. The oldest one of a sign-in makes room: nobody collects them without end."""
    tokens.make_room(user)
    return ApiToken.issue(user, name=device or "API", expires_at=timezone.now() + TOKEN_LIFE)
