"""Pictures for the pages of other apps."""

from django import template
from django.db.models import Count, Sum

from gallery import feed, tiles
from gallery.models import Picture

register = template.Library()
MADE_WITH = 20


@register.simple_tag
def newest_pictures(limit, by=None, card=None):
    """The newest published pictures, of one user or made with one model when asked."""
    filters = {"owner": by} if by else {}
    if card:
        filters["card"] = card
    return list(feed.newest(**filters)[:limit])


@register.simple_tag
def made_with(version, cursor=""):
    """A feed.Page of the newest published pictures made with a version, whatever it was used as."""
    pictures = Picture.objects.published().for_wall().filter(uses__version=version)
    return feed.page(pictures, "published_at", cursor or "", MADE_WITH)


@register.simple_tag
def counters_of(user):
    """What a profile counts: published pictures, and the likes they have."""
    return Picture.objects.published().filter(owner=user).aggregate(pictures=Count("pk"), likes=Sum("likes", default=0))


@register.simple_tag(takes_context=True)
def my_latest(context, limit):
    """The viewer's own newest pictures, private ones included."""
    user = context["request"].user
    return list(Picture.objects.for_owner(user).for_wall().order_by("-created_at", "-pk")[:limit])


@register.simple_tag(takes_context=True)
def tile(context, picture, liked_ids):
    """A picture of a wall, as anybody but its owner sees it there."""
    signed_in = context["request"].user.is_authenticated
    csrf_token = context.get("csrf_token") if signed_in else None
    return tiles.html(picture, liked=picture.pk in liked_ids, csrf_token=csrf_token)
