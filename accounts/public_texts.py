"""What a person says of themselves to everybody is held to the rules of what they say to others."""

from collections.abc import Callable

from django import forms

from visionary.common.exceptions import DomainError

# Called with a text; raises DomainError for one that this site does not allow. safety adds its word list.
checks: list[Callable[[str], object]] = []


def check_fields(form, names):
    """Note at each of the fields `names` of `form` what is not allowed there."""
    for name in names:
        try:
            check(form.cleaned_data.get(name) or "")
        except DomainError as refusal:
            form.add_error(name, forms.ValidationError(str(refusal), code=refusal.code))


def check(text):
    """`text` may be a list of texts. Raises DomainError."""
    text = text if isinstance(text, str) else "\n".join(text)
    for one in checks:
        one(text)
