"""Links for the command line: a file, for one user, for a day."""

import shlex

from django.core import signing

from accounts.models import User

SALT = "models_hub.download"
SECONDS = 24 * 3600


def sign(key, user):
    """The value of `sig` that lets whoever has it take `key` (such as "file:7") in the name of `user`."""
    return signing.dumps([key, user.pk, user.session_epoch], salt=SALT, compress=False)


def user_of(signature, key):
    """Whose link this is; None when it is not of this file, has expired, or its user has been shut out or has ended
    all sessions since."""
    try:
        signed_key, pk, epoch = signing.loads(signature, salt=SALT, max_age=SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk, is_active=True, session_epoch=epoch).select_related("profile").first()
    return user if user and not user.is_banned and signed_key == key else None


def curl(address, name):
    """A line for a shell: goes on where a broken download stopped."""
    return f"curl -fL -C - -o {shlex.quote(name)} {shlex.quote(address)}"
