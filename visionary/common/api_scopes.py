"""Which scope of a token an operation of the API needs.

Reading needs "read"; what changes something needs the scope of its app, unless the view says otherwise: `scope` for
all methods that change something, `scopes` ({"POST": "read"}) for single ones. A view of no known app is closed to
tokens that have scopes.
"""

SAFE = {"GET", "HEAD", "OPTIONS"}
OF_APPS = {
    "accounts": "account",
    "gallery": "publish",
    "generation": "generate",
    "models_hub": "upload",
    "social": "publish",
}


def needed(view, method):
    """The name of the scope, or "" where no scope opens it."""
    special = getattr(view, "scopes", {}).get(method)
    if special is not None:
        return special
    if method in SAFE:
        return "read"
    return getattr(view, "scope", None) or OF_APPS.get(type(view).__module__.partition(".")[0], "")
