"""The samplers, for forms of other apps."""

from django import template

from generation.engine.samplers import SAMPLERS

register = template.Library()


@register.simple_tag
def samplers():
    """[(slug, label)] of every sampler that a recommendation may name."""
    return [(slug, sampler.label) for slug, sampler in SAMPLERS.items()]
