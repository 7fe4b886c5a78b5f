"""One shape for every error of the API: {code, message, field, retry_after}."""

import logging

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler

from visionary.common import unavailable
from visionary.common.api_requests import TooBig
from visionary.common.exceptions import DomainError

logger = logging.getLogger("django.request")


class ErrorSerializer(serializers.Serializer):
    """What every refusal looks like: a stable code for programs, a sentence for people."""

    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    retry_after = serializers.IntegerField(allow_null=True, help_text="Seconds")


def body(code, message, field=None, retry_after=None):
    return {"code": code, "message": str(message), "field": field, "retry_after": retry_after}


def handle(error, context):
    """DRF's exception hook: turns whatever a view raised into the one shape."""
    error = known(error)
    if isinstance(error, DomainError):
        return refusal(error)
    response = exception_handler(error, context)
    if response is None:
        return failure(error, context)
    wait = getattr(error, "wait", None)
    code, message, field = first_fault(error)
    response.data = body(code, message, field, retry_after=None if wait is None else int(wait) + 1)
    return response


def refusal(error):
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    data = body(error.code, error, error.field, error.retry_after)
    return Response(data, status=error.status, headers=headers)


def known(error):
    """Django's own exceptions as DRF's or ours; others as they are."""
    if isinstance(error, Http404):
        return exceptions.NotFound(_("There is nothing at this address, or you may not see it."))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooBig()
    if isinstance(error, unavailable.DATABASE_AWAY):
        return unavailable.database_away(error)
    return error


def failure(error, context):
    """An answer to what nobody foresaw; the traceback goes to the log and to whoever listens for it."""
    request = getattr(context.get("request"), "_request", None)
    logger.error("API failure: %s", error, exc_info=error, extra={"status_code": 500, "request": request})
    got_request_exception.send(sender=type(context.get("view")), request=request)
    sentence = _("Something went wrong on our side. Try again; if it stays, tell the administrator.")
    return Response(body("server_error", sentence), status=500)


def first_fault(error):
    """(code, message, field) of the first thing that is wrong; forms of an API show one at a time."""
    if not isinstance(error, exceptions.ValidationError):
        detail = error.detail[0] if isinstance(error.detail, list) else error.detail
        return getattr(detail, "code", error.default_code), detail, None
    path, detail = _first(error.detail)
    names = [name for name in path if name not in {"non_field_errors", ""}]
    field = ".".join(names) or None
    return detail.code, f"{field}: {detail}" if field else detail, field


def _first(details):
    """(path, detail) of the first detail in a tree of dicts and lists; places in lists count from 0."""
    if isinstance(details, dict):
        name, inner = next((name, inner) for name, inner in details.items() if inner)
        path, detail = _first(inner)
        return [str(name), *path], detail
    if isinstance(details, list):
        number, inner = next((number, inner) for number, inner in enumerate(details) if inner)
        path, detail = _first(inner)
        return ([str(number), *path] if isinstance(inner, dict) else path), detail
    return [], details
