"""What the prompt box shows beside the form's own fields."""

from django import template

from generation.models import StyleTemplate

register = template.Library()


@register.simple_tag
def offered_styles():
    return list(StyleTemplate.objects.filter(is_active=True)[:200])


@register.simple_tag(takes_context=True)
def my_presets(context):
    """The reader's presets, in their order; none for guests."""
    user = context["request"].user
    return list(user.presets.all()) if user.is_authenticated else []
