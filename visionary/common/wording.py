"""Sentences put together from parts, with the reader's punctuation."""

from django.utils.translation import pgettext


def listed(items):
    """The texts of `items` in a row: "a, b" in English, "a、b" in Chinese."""
    return pgettext("between the items of a list", ", ").join(str(item) for item in items)
