"""What the wizard's templates ask for."""

from django import template

from models_hub import findings
from models_hub.uploads import arrival

register = template.Library()


@register.filter
def sentence(finding):
    return findings.sentence(finding)


@register.filter
def choices(finding):
    """The answers that a question offers: [(value, label)]."""
    return findings.choices(finding)


@register.filter
def is_open(version):
    """Whether files may still come and go."""
    return version.status in arrival.OPEN


@register.filter
def arrived_percent(upload):
    return int(100 * upload.offset / upload.length) if upload.length else 0


@register.filter
def unlocalised(number):
    """Digits alone, for script."""
    return str(int(number))


@register.filter
def anything_lacking(steps):
    return any(step.lacks for step in steps)
