"""Small things that templates of every app use."""

import functools
import json
from urllib.parse import urlencode

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from visionary.common import wording

register = template.Library()


@register.simple_tag
def icon(name):
    """A picture of the sprite static/img/icons.svg; decoration only, so the control needs words of its own."""
    return _icon(static("img/icons.svg"), name)


@functools.lru_cache(maxsize=256)
def _icon(sprite, name):
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.filter
def hue(user):
    """A colour angle that stays with a user: the ground of their initial."""
    return (user.pk or 0) * 67 % 360


@register.filter
def ratio(picture):
    """Width over height, for CSS; always with a point, whatever the language."""
    return f"{picture.width / picture.height:.4f}" if picture.height else "1"


@register.filter
def as_json(value):
    """A value for a data- attribute (the template escapes it)."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def listed(items):
    """Texts in a row, with the punctuation of the reader's language."""
    return wording.listed(items)


@register.filter
def number(value):
    """A number as it is typed: no grouping, no needless zeros."""
    return f"{value:g}" if isinstance(value, float) else str(value)


@register.simple_tag(takes_context=True)
def here(context, *names):
    """`aria-current` when the page's URL name is one of `names`."""
    match = getattr(context.get("request"), "resolver_match", None)
    return format_html(' aria-current="{}"', "page") if match and match.view_name in names else ""


@register.simple_tag(takes_context=True)
def with_query(context, **changes):
    """The page's query string with some parameters changed; an empty value takes one out."""
    query = context["request"].GET.copy()
    for name in ("cursor", "part"):
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def keep_next(context):
    """`?next=...` that leads back to this page, or on to where the visitor was going already."""
    request = context.get("request")
    if request is None:
        return ""
    wanted = request.GET.get("next") or request.POST.get("next")
    if not wanted and not request.path.startswith("/accounts/"):
        wanted = request.get_full_path() if request.path != "/" else ""
    return f"?{urlencode({'next': wanted})}" if wanted else ""


@register.simple_tag
def input(field, **attributes):
    """A form field's control in the site's look, tied to its error for those who cannot see both at once."""
    attributes = {name.replace("_", "-"): value for name, value in attributes.items()}
    attributes["class"] = f"input {attributes.get('class', '')}".strip()
    if field.errors:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"{field.auto_id}_error"}
    return field.as_widget(attrs=attributes)
