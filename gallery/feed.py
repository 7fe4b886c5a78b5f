"""Endless lists by keyset: a page costs the same at the top and ten thousand pictures down."""

import base64
import binascii
import datetime
import json
import uuid
from dataclasses import dataclass, field

from django.db.models import Q

from gallery.models import Picture

PAGE = 30


@dataclass
class Page:
    """Some pictures and the cursor of the next page (empty at the end)."""

    pictures: list = field(default_factory=list)
    cursor: str = ""


def page(pictures, order, cursor="", size=PAGE):
    """One Page of `pictures`, greatest `order` (a column's name) first; an unreadable cursor gives the first page."""
    after = read(cursor, order)
    if after:
        value, pk = after
        same_or_less = pictures.filter(**{f"{order}__lte": value})
        pictures = same_or_less.filter(Q(**{f"{order}__lt": value}) | Q(pk__lt=pk))
    rows = list(pictures.order_by(f"-{order}", "-pk")[: size + 1])
    more = len(rows) > size
    return Page(rows[:size], write(rows[size - 1], order) if more else "")


def write(picture, order):
    value = getattr(picture, order)
    value = value.isoformat() if isinstance(value, datetime.datetime) else value
    return base64.urlsafe_b64encode(json.dumps([value, picture.pk.hex]).encode()).decode().rstrip("=")


def read(cursor, order):
    """(value, id) of the last picture shown, or None for a cursor that was tampered with."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if order == "likes":
            return (value, uuid.UUID(pk)) if isinstance(value, int) and 0 <= value < 2**31 else None
        moment = datetime.datetime.fromisoformat(value)
        # In UTC at once: the first and last hours of the calendar would fail later, in the database's hands.
        return (moment.astimezone(datetime.UTC), uuid.UUID(pk)) if moment.tzinfo else None
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def neighbours(picture, pictures, order):
    """(the one before, the one after) `picture` in `pictures` by `order`; None at the ends."""
    value = getattr(picture, order)
    if value is None:
        return None, None
    # The plain bound lets the index find the place; the second condition settles equal values by id.
    newer, older = pictures.filter(**{f"{order}__gte": value}), pictures.filter(**{f"{order}__lte": value})
    newer = newer.filter(Q(**{f"{order}__gt": value}) | Q(pk__gt=picture.pk))
    older = older.filter(Q(**{f"{order}__lt": value}) | Q(pk__lt=picture.pk))
    # Only their addresses are shown.
    newer, older = newer.only("pk"), older.only("pk")
    return newer.order_by(order, "pk").first(), older.order_by(f"-{order}", "-pk").first()


def newest(**filters):
    """The gallery's newest pictures."""
    return Picture.objects.published().for_wall().filter(**filters).order_by("-published_at", "-pk")
