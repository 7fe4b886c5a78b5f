"""Guessing at the door, counted once for pages and API alike: by allauth's limits, which stand in the settings."""

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from visionary.common.limits import TooMany

APP = "allauth.account"


class Attempt:
    """One try that was counted. `forgive` takes it back: it turned out to be honest."""

    def __init__(self, request, account, usage):
        self.request, self.account, self.usage = request, account, usage

    def forgive(self):
        self.usage.rollback()
        forget_account(self.request, self.account)


def begin(request, account, action="login_failed"):
    """Count a try by the request's address, and at `account` (any text that names it). Raises TooMany."""
    usage = ratelimit.consume(request, app=APP, action=action, key=account)
    if not usage:
        raise refusal(action)
    return Attempt(request, account, usage)


def forget_account(request, account, action="login_failed"):
    """Its owner came in. What the address has tried stays counted: it may be at other accounts as well."""
    for rate in ratelimit.parse_rates(settings.ACCOUNT_RATE_LIMITS[action]):
        if rate.per == "key":
            cache.delete(ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=account))


def refusal(action):
    """Its `retry_after` is the longest of the action's windows: after that the door is open for certain."""
    rates = ratelimit.parse_rates(settings.ACCOUNT_RATE_LIMITS[action])
    wait = int(max(rate.duration for rate in rates))
    return TooMany(_("Too many attempts. Try again in %(seconds)d seconds.") % {"seconds": wait}, retry_after=wait)
