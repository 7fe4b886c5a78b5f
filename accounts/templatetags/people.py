"""People on the pages of every app: avatars, covers, who is online."""

from django import template
from django.apps import apps
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from accounts import presence, roles, sanctions
from accounts.models import Profile, Sanction
from visionary.templatetags.site import hue

register = template.Library()


@register.simple_tag
def avatar(person, size="", profile=None, online=False):
    """A user's picture, or their initial on a colour of their own; `size` is like 42px.

    The picture is shown where the profile came with the user (select_related) or is given: a list of people must not
    ask for each of them.
    """
    profile = profile or person._state.fields_cache.get("profile")
    pixels = int(size.removesuffix("px") or 32)
    inside = portrait_img(profile, "avatar", "large" if pixels > 60 else "small") or person.username[:1]
    focus = profile.avatar_focus if profile else "center"
    style = f"--hue:{hue(person)};" + (f"--size:{size}" if size else "")
    dot = mark_safe('<span class="avatar__dot"></span>') if online else ""
    return format_html(
        '<span class="avatar focus--{}" style="{}" aria-hidden="true">{}{}</span>', focus, style, inside, dot
    )


@register.simple_tag
def portrait_img(profile, which, size):
    """The <img> of a profile's "avatar" or "cover" in "small" or "large"; empty without one."""
    address = portrait_url(profile, which, size)
    return format_html('<img src="{}" alt="" decoding="async">', address) if address else ""


@register.simple_tag
def portrait_url(profile, which, size):
    name = getattr(profile, which, "")
    if not name:
        return ""
    kind, _slash, rest = name.partition("/")
    return reverse("portrait", args=[kind, rest.rpartition("/")[2], size])


@register.simple_tag
def own_profile(user):
    """The reader's own profile: the one query that the header's avatar costs."""
    return Profile.objects.filter(user=user).first()


@register.simple_tag
def online_among(people):
    """The ids of those `people` who are online: one query at most for a whole page."""
    return presence.is_online(people)


@register.simple_tag
def online_now(person):
    """Whether one person is online."""
    return person.pk in presence.is_online([person])


@register.simple_tag
def mute_sentence(person):
    """Why a muted person cannot write to others, and until when."""
    return sanctions.sentence(sanctions.running(person, Sanction.Kind.MUTE), person.muted_until)


@register.simple_tag
def role_badge(person):
    """The role of those who have one to show: trusted, moderator, administrator."""
    standing = roles.standing(person)
    if standing == "user":
        return ""
    return format_html('<span class="tag tag--role-{}">{}</span>', standing, roles.LABELS[standing])


@register.simple_tag(takes_context=True)
def login_providers(context, process="login"):
    """[{"name", "url"}] of the outside providers, to sign in with or to "connect" to; none where none is set up."""
    if not apps.is_installed("allauth.socialaccount"):
        return []
    from allauth.socialaccount.adapter import get_adapter

    request = context["request"]
    found = get_adapter().list_providers(request)
    return [{"name": one.name, "url": one.get_login_url(request, process=process)} for one in found]
