"""Which scope of a token an operation of the API needs.

A view says it in `scope` (for all methods that change something) or `scopes` ({"POST": "generate", ...}). Reading
needs "read". What says nothing is closed to tokens that have scopes.
"""

SAFE = {"GET", "HEAD", "OPTIONS"}


def needed(view, method):
    """The name of the scope, or "" where no scope opens it."""
    special = getattr(view, "scopes", {}).get(method)
    if special is not None:
        return special
    return "read" if method in SAFE else getattr(view, "scope", "")
