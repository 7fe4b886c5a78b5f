"""The list of models: what a reader may see of it, in which order, a page at a time.

Pages go by keyset, so that they cost the same at the top and ten thousand models down; only the order "best first",
which is made of the best few hundred, goes by place.
"""

import base64
import binascii
import json
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import F, Q

from models_hub import search
from models_hub.models import ModelCard, Tag

PAGE = 30
# How many hidden ones are counted before it says "100+".
MOST_COUNTED = 100
ORDERS = {"newest": "-last_version_at", "likes": "-likes", "downloads": "-downloads", "uses": "-uses", "name": "name"}
TAGS = 14


@dataclass
class Page:
    """Some cards, the cursor of the next page (empty at the end), and how many the reader's level hides."""

    cards: list
    cursor: str = ""
    hidden: int = 0


def level_of(user):
    """Up to which content level `user` wants to see; guests see what is general."""
    if user is None or not user.is_authenticated:
        return ModelCard.ContentLevel.GENERAL
    profile = getattr(user, "profile", None)
    return profile.content_level if profile else ModelCard.ContentLevel.GENERAL


def readable(user):
    """Cards whose page, samples and files `user` may see: theirs, all for the staff, else up to their level."""
    cards = ModelCard.objects.visible_to(user)
    if user.is_authenticated and user.is_staff:
        return cards
    mine = Q(owner=user) if user.is_authenticated else Q(pk__in=[])
    return cards.filter(Q(content_level__lte=level_of(user)) | mine)


def for_shelf(cards):
    """With what a card of the list shows."""
    return cards.with_cover()


def page_of(form, user, cursor="", size=PAGE, load=for_shelf):
    """One Page of the published models that `form` (ModelsForm) asks for; an unreadable cursor gives the first.

    `load` takes the cards and returns them with what is shown of each.
    """
    level, wanted = level_of(user), search.Search(form.values().get("q", ""))
    cards = form.filtered(ModelCard.objects.published())
    # As a sum, so that no database takes the index of levels, sorts all that is seen, and throws most away.
    seen = cards.alias(level_seen=F("content_level") + 0).filter(level_seen__lte=level)
    if form.sort_by() == "best":
        page = page_of_best(seen, wanted, cursor, size, load)
    else:
        order = ORDERS.get(form.sort_by(), "-last_version_at")
        page = page_of_sorted(seen, wanted, order, cursor, size, load)
    if not cursor and level < max(ModelCard.ContentLevel.values):
        page.hidden = count(cards.filter(content_level__gt=level), wanted)
    return page


def count(cards, wanted):
    """How many of `cards` are found, up to MOST_COUNTED."""
    if wanted.text:
        return len(wanted.first(cards.order_by("content_level", "pk"), MOST_COUNTED)[:MOST_COUNTED])
    return cards.order_by()[:MOST_COUNTED].count()


def is_readable(form, cursor):
    """Whether `cursor` is one that a page of `form` gave out."""
    if form.sort_by() == "best":
        return place(cursor) is not None
    return read(cursor, ORDERS.get(form.sort_by(), "-last_version_at").lstrip("-")) is not None


def place(cursor):
    """The place in the best-first order that `cursor` stands for, or None."""
    return int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 6 else None


def page_of_best(cards, search, cursor, size, load):
    keys, start = search.ranked(cards), place(cursor) or 0
    wanted = keys[start : start + size]
    found = load(ModelCard.objects.filter(pk__in=wanted)).in_bulk() if wanted else {}
    more = len(keys) > start + size
    return Page([found[key] for key in wanted if key in found], str(start + size) if more else "")


def page_of_sorted(cards, wanted, order, cursor, size, load):
    column, descending = order.lstrip("-"), order.startswith("-")
    after = read(cursor, column)
    if after is not None:
        cards = cards.filter(beyond(column, descending, *after))
    key = "-pk" if descending else "pk"
    if wanted.text:
        # By their keys alone, which are of `cards`: no database is tempted to read a whole index for them.
        cards = ModelCard.objects.filter(pk__in=wanted.first(cards.order_by(order, key), size + 1))
    rows = list(load(cards).order_by(order, key)[: size + 1])
    return Page(rows[:size], write(rows[size - 1], column) if len(rows) > size else "")


def beyond(column, descending, value, pk):
    """The condition of rows after the one with `value` and `pk`. Rows without a value come last."""
    step = "lt" if descending else "gt"
    if value is None:
        return Q(**{f"{column}__isnull": True, f"pk__{step}": pk})
    further = Q(**{f"{column}__{step}": value}) | Q(**{column: value, f"pk__{step}": pk})
    return further | Q(**{f"{column}__isnull": True}) if descending else further


def write(card, column):
    value = getattr(card, column)
    kept = None if value is None else card._meta.get_field(column).value_to_string(card)
    return base64.urlsafe_b64encode(json.dumps([column, kept, card.pk]).encode()).decode().rstrip("=")


def read(cursor, column):
    """(value, key) of the last card shown; None for no cursor, for one of another order, for one that was made up."""
    if not cursor:
        return None
    try:
        written, value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if written != column or not isinstance(pk, int) or not 0 < pk < 2**63:
            return None
        value = None if value is None else ModelCard._meta.get_field(column).to_python(value)
        if hasattr(value, "astimezone"):
            # The first and last hours of the calendar have no UTC: the database would fail over them.
            value.utctimetuple()
        return value, pk
    except (binascii.Error, ValueError, TypeError, OverflowError, RecursionError, ValidationError):
        return None


def families():
    """The families that there are models of."""
    found = ModelCard.objects.published().order_by("family").values_list("family", flat=True).distinct()
    return [family for family in found if family]


def popular_tags():
    return Tag.objects.filter(models_count__gt=0).order_by("-models_count", "key")[:TAGS]
