"""Likes, follows and comments on the pages of other apps."""

import re

from django import template
from django.urls import reverse
from django.utils.html import linebreaks, urlize
from django.utils.safestring import mark_safe

from gallery.models import Picture
from social import threads
from social.models import Follow, Like, ModelLike

register = template.Library()
BLANK_LINES = re.compile(r"\n{3,}")


@register.simple_tag(takes_context=True)
def liked_among(context, pictures):
    """The ids of those `pictures` that the viewer likes: one query for a whole page."""
    user = context["request"].user
    if not user.is_authenticated:
        return frozenset()
    ids = [picture.pk for picture in pictures]
    return frozenset(Like.objects.filter(user=user, picture__in=ids).values_list("picture_id", flat=True))


@register.simple_tag(takes_context=True)
def is_liked(context, thing):
    """Whether the viewer likes a picture or a model."""
    user = context["request"].user
    if not user.is_authenticated:
        return False
    if isinstance(thing, Picture):
        return Like.objects.filter(user=user, picture=thing).exists()
    return ModelLike.objects.filter(user=user, card=thing).exists()


@register.simple_tag(takes_context=True)
def is_followed(context, person):
    """Whether the viewer follows `person`."""
    user = context["request"].user
    return user.is_authenticated and Follow.objects.filter(follower=user, followed=person).exists()


@register.simple_tag
def like_url(thing):
    if isinstance(thing, Picture):
        return reverse("social:like", args=[thing.pk])
    return reverse("social:like-model", args=[thing.slug])


@register.simple_tag
def comments_url(thing):
    if isinstance(thing, Picture):
        return reverse("social:picture-comments", args=[thing.pk])
    return reverse("social:model-comments", args=[thing.slug])


@register.simple_tag(takes_context=True)
def first_comments(context, thing):
    """The newest page of threads on a picture or a model (social.threads.page)."""
    return threads.page(thing, context["request"].user)


@register.filter
def comment_text(text):
    """What somebody wrote, escaped, with its lines and its links; a search engine is told not to follow them."""
    lines = linebreaks(BLANK_LINES.sub("\n\n", text), autoescape=True)
    linked = urlize(lines, nofollow=True, autoescape=False)
    # Safe: linebreaks has escaped the text, and urlize keeps it so.
    return mark_safe(linked.replace('rel="nofollow"', 'rel="nofollow noopener ugc"'))  # noqa: S308
