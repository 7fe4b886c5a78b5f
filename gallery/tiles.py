"""Tiles of a wall as HTML, kept in memory: a wall of 30 is most of a page's work, and the same for every reader.

The key of the memory is everything that a tile shows, so nothing can be stale: another like is another key.
"""

import functools
import secrets
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

# About 2 kB each.
KEPT = 4096
# Where a reader's own CSRF token goes: letters and digits, which escaping leaves alone, and nothing that anybody could
# have written into a prompt or a title.
TOKEN_PLACE = secrets.token_hex(32)


class Facts(NamedTuple):
    """What a tile shows of a picture; the names are those of the model, for the template's sake."""

    pk: object
    get_absolute_url: str
    small_url: str
    medium_url: str
    width: int
    height: int
    placeholder: str
    alt: str
    likes: int
    username: str
    owner_url: str

    @classmethod
    def of(cls, picture):
        owner = picture.owner
        return cls(
            pk=picture.pk,
            get_absolute_url=picture.get_absolute_url(),
            small_url=picture.small_url,
            medium_url=picture.medium_url,
            width=picture.width,
            height=picture.height,
            placeholder=picture.placeholder,
            alt=picture.alt,
            likes=picture.likes,
            username=owner.username,
            owner_url=owner.get_absolute_url(),
        )


def html(picture, *, liked, csrf_token):
    """The tile of `picture` for a reader: `csrf_token` is theirs, or None for a guest."""
    kept = _html(Facts.of(picture), liked, csrf_token is not None, get_language())
    # Safe: the template has escaped what it shows, and a token is letters and digits.
    return mark_safe(kept.replace(TOKEN_PLACE, str(csrf_token)) if csrf_token else kept)  # noqa: S308


@functools.lru_cache(maxsize=KEPT)
def _html(facts, liked, signed_in, language):
    context = {"picture": facts, "liked": liked, "user": {"is_authenticated": signed_in}, "csrf_token": TOKEN_PLACE}
    return render_to_string("components/tile.html", context)
