"""Signing in and up without a browser, by the same rules as the pages."""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.account.forms import SignupForm
from allauth.account.utils import filter_users_by_email
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import update_last_login
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User, username_key
from visionary.common import limits
from visionary.common.exceptions import DomainError

LOGINS_PER_ADDRESS = {"most": 30, "seconds": 300}
LOGINS_PER_ACCOUNT = {"most": 5, "seconds": 300}
SIGNUPS_PER_ADDRESS = {"most": 20, "seconds": 3600}
TOKEN_LIFE = timedelta(days=365)
# One address may belong to several accounts (until it is proven); each costs a password check.
MOST_CANDIDATES = 3


class WrongCredentials(DomainError):
    code = "wrong_credentials"
    status = 401


def sign_in(request, *, login, password, device):
    """(token row, secret) for the account that `login` (username or e-mail) and `password` open.

    Raises WrongCredentials, the same for an unknown account, a closed one and a wrong password; TooMany.
    """
    address, account = get_adapter().get_client_ip(request), username_key(login)
    limits.count("login-address", address, **LOGINS_PER_ADDRESS)
    limits.count("login-account", account, **LOGINS_PER_ACCOUNT)
    user = next((user for user in candidates(login) if user.check_password(password)), None)
    if user is None:
        raise WrongCredentials(_("The username or e-mail address and the password do not fit together."))
    limits.forgive("login-account", account, seconds=LOGINS_PER_ACCOUNT["seconds"])
    update_last_login(None, user)
    return issue_token(user, device)


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

    A taken e-mail address is no error: the answer would tell who is registered.
    """
    limits.count("signup-address", get_adapter().get_client_ip(request), **SIGNUPS_PER_ADDRESS)
    form = SignupForm({"username": username, "email": email, "password1": password})
    if not form.is_valid():
        field, faults = next(iter(form.errors.items()))
        field = None if field == "__all__" else {"password1": "password"}.get(field, field)
        raise DomainError(f"{field}: {faults[0]}" if field else faults[0], code="bad_value", field=field)
    return issue_token(form.save(request), device)


def issue_token(user, device):
    return ApiToken.issue(user, name=device or "API", expires_at=timezone.now() + TOKEN_LIFE)
