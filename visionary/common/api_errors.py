"""One shape for every error of the API: {code, message, field, retry_after}."""

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from visionary.common.exceptions import DomainError


def body(code, message, field=None, retry_after=None):
    return {"code": code, "message": str(message), "field": field, "retry_after": retry_after}


def handle(error, context):
    """DRF's exception hook. Unexpected exceptions give None and are Django's to report."""
    if isinstance(error, DomainError):
        return Response(body(error.code, error, error.field, error.retry_after), status=error.status)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = body(*first_fault(error), retry_after=getattr(error, "wait", None))
    return response


def first_fault(error):
    """(code, message, field) of the first thing that is wrong; forms of an API show one at a time."""
    if error.status_code == status.HTTP_400_BAD_REQUEST and isinstance(error.detail, dict):
        field, details = next(iter(error.detail.items()))
        while isinstance(details, dict):
            inner, details = next(iter(details.items()))
            field = f"{field}.{inner}"
        detail = details[0] if isinstance(details, list) else details
        if isinstance(detail, dict):
            detail = next(iter(detail.values()))[0]
        return detail.code, detail, None if field == "non_field_errors" else field
    detail = error.detail[0] if isinstance(error.detail, list) else error.detail
    return getattr(detail, "code", error.default_code), detail, None
