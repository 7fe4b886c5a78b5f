"""What is said while the database is away, or locked for longer than a request may wait."""

import contextlib
import logging

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from visionary.common.exceptions import DomainError

logger = logging.getLogger("visionary.unavailable")
# Locked, unreachable, cut off in the middle: what may be well again in a moment.
DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_AFTER = 5  # seconds


class Unavailable(DomainError):
    code = "unavailable"
    status = 503

    def __init__(self, message):
        super().__init__(message, retry_after=RETRY_AFTER)


def database_away(error):
    """The refusal for one of DATABASE_AWAY; the operator reads the cause in the log."""
    logger.error("The database does not answer: %s", error)
    return Unavailable(_("The site is too busy to save or read this just now. Nothing is lost; try again in a moment."))


@contextlib.contextmanager
def told():
    """Inside, a database that is away raises Unavailable, for callers that keep what was typed."""
    try:
        yield
    except DATABASE_AWAY as error:
        raise database_away(error) from error


def page(request, refusal):
    """The answer to `request` where no view is left to give one; needs neither database nor session."""
    if request.path.startswith("/api/"):
        data = {"code": refusal.code, "message": str(refusal), "field": None, "retry_after": refusal.retry_after}
        response: HttpResponse = JsonResponse(data, status=refusal.status, json_dumps_params={"ensure_ascii": False})
    else:
        response = HttpResponse(render_to_string("503.html", {"sentence": str(refusal)}), status=refusal.status)
    response.headers["Retry-After"] = str(refusal.retry_after)
    response.headers["HX-Reswap"] = "none"  # a whole page has no place inside another
    return response
