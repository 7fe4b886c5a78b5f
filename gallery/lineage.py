"""Where a picture comes from and what was made of it, as far as the reader may see."""

from dataclasses import dataclass

from django.db.models import Q

from gallery import feed
from gallery.models import Derivation, Picture

SHOWN = 8


@dataclass(frozen=True)
class Origin:
    """What a picture was made from: `picture` is None where the reader may not see it, or where it is gone."""

    role: str
    label: str
    picture: Picture | None


def listable_to(user):
    """Pictures that a list may show to `user`. An unlisted picture's address is for those who were given it."""
    shown = Picture.objects.published()
    if not user.is_authenticated:
        return shown
    if user.is_staff:
        return Picture.objects.filter(deleted_at=None)
    return Picture.objects.filter(Q(pk__in=shown.values("pk")) | Q(owner=user, is_blocked=False), deleted_at=None)


def made_from(picture, user, *, whole=False):
    """The Origins of `picture`, in the order in which they were noted. Two queries. `whole`: with their recipes."""
    rows = list(Derivation.objects.filter(picture=picture).order_by("pk"))
    keys = [row.source_id for row in rows if row.source_id]
    readable = listable_to(user).with_details() if whole else listable_to(user).for_wall()
    seen = {one.pk: one for one in readable.filter(pk__in=keys)} if keys else {}
    return [Origin(row.role, row.get_role_display(), seen.get(row.source_id)) for row in rows]


def derived_from(picture, user):
    """What was made from `picture`, as far as a list may show it to `user`."""
    return listable_to(user).filter(pk__in=Derivation.objects.filter(source=picture).values("picture"))


def page(picture, user, cursor="", size=feed.PAGE):
    """One feed.Page of what was made from `picture`, newest first."""
    return feed.page(derived_from(picture, user).for_wall(), "created_at", cursor, size)


def block(picture, user):
    """What the picture's page shows: {"made_from", "remixes" (the newest), "more_remixes"}."""
    found = page(picture, user, size=SHOWN)
    return {"made_from": made_from(picture, user), "remixes": found.pictures, "more_remixes": bool(found.cursor)}
