"""Paging for endless lists by keyset: a page costs the same at the top and ten thousand rows down.

DRF's own cursor counts offsets among equal values and stops at 1,000 of them; most pictures have 0 likes.
"""

import base64
import binascii
import datetime
import json

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from visionary.common.exceptions import DomainError

PAGE_SIZE = 30
MAX_PAGE_SIZE = 100


class NewestFirst(BasePagination):
    """Greatest `order` (a column's name) first; the primary key settles equal values."""

    order = "created_at"

    def paginate_queryset(self, queryset, request, view=None):
        self.request, size = request, page_size(request)
        order = self.get_order(request)
        if cursor := request.query_params.get("cursor"):
            value, pk = read(cursor, order, queryset.model)
            older = Q(**{f"{order}__lt": value}) | Q(**{order: value, "pk__lt": pk})
            queryset = queryset.filter(**{f"{order}__lte": value}).filter(older)
        rows = list(queryset.order_by(f"-{order}", "-pk")[: size + 1])
        self.cursor = write(rows[size - 1], order) if len(rows) > size else None
        return rows[:size]

    def get_order(self, request):
        return self.order

    def get_paginated_response(self, data):
        address = self.request.get_full_path()
        following = replace_query_param(address, "cursor", self.cursor) if self.cursor else None
        return Response({"next": following, "results": data})

    def get_paginated_response_schema(self, schema):
        following = {"type": "string", "nullable": True, "description": "Address of the next page; null at the end."}
        properties = {"next": following, "results": schema}
        return {"type": "object", "required": ["next", "results"], "properties": properties}

    def get_schema_operation_parameters(self, view):
        text = gettext_lazy("Where the next page begins: follow `next` rather than make one.")
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            {"name": "cursor", "in": "query", "description": str(text), "schema": {"type": "string"}},
            {"name": "page_size", "in": "query", "schema": size},
        ]


def page_size(request):
    asked = request.query_params.get("page_size", str(PAGE_SIZE))
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 10 and 1 <= int(asked) <= MAX_PAGE_SIZE):
        message = _("page_size: give a whole number from 1 to %(most)d.") % {"most": MAX_PAGE_SIZE}
        raise DomainError(message, code="bad_value", field="page_size")
    return int(asked)


def write(row, order):
    value = row._meta.get_field(order).value_to_string(row)
    return base64.urlsafe_b64encode(json.dumps([order, value, str(row.pk)]).encode()).decode().rstrip("=")


def read(cursor, order, model):
    """(value, pk) of the last row shown, as the columns want them. Raises DomainError for what nobody gave out."""
    try:
        column, value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if column != order:
            raise ValueError(column)
        found = model._meta.get_field(order).to_python(value), model._meta.pk.to_python(pk)
        if None in found or found[0] != found[0]:
            raise ValueError(value)
        if isinstance(found[0], datetime.datetime):
            # The first and last hours of the calendar have no UTC: the database would fail over them.
            found[0].astimezone(datetime.UTC)
        return found
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        raise bad_cursor() from None


def bad_cursor():
    """The refusal of a cursor that no page of the list gave out."""
    message = _("cursor: this is not a cursor of this list. Start again without one.")
    return DomainError(message, code="bad_cursor", field="cursor")
