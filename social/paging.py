"""Endless lists of people and comments by keyset, as visionary.common.pagination pages the API's."""

from dataclasses import dataclass, field

from django.db.models import Q

from visionary.common import pagination
from visionary.common.exceptions import DomainError

PAGE = 30


@dataclass
class Page:
    """Some rows and the cursor of the next page (empty at the end)."""

    rows: list = field(default_factory=list)
    cursor: str = ""


def page(rows, order, cursor="", size=PAGE):
    """One Page of `rows`, greatest `order` (a column) first; an unreadable cursor gives the first page."""
    after = read(cursor, order, rows.model)
    if after:
        value, pk = after
        rows = rows.filter(Q(**{f"{order}__lt": value}) | Q(**{order: value, "pk__lt": pk}))
    found = list(rows.order_by(f"-{order}", "-pk")[: size + 1])
    return Page(found[:size], pagination.write(found[size - 1], order) if len(found) > size else "")


def read(cursor, order, model):
    try:
        return pagination.read(cursor, order, model) if cursor else None
    except DomainError:
        return None
