"""What a token may do. A token without scopes may do everything; a session always may."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import permissions

from visionary.common.api_scopes import needed
from visionary.common.exceptions import DomainError

SCOPES = {
    "read": gettext_lazy("See what you see: pictures, jobs, models, your account"),
    "generate": gettext_lazy("Draw: send jobs, cancel them, bring pictures to start from"),
    "publish": gettext_lazy("Show pictures to others, like, comment, follow"),
    "upload": gettext_lazy("Upload models"),
    "account": gettext_lazy("Change your account and its tokens"),
}


class MissingScope(DomainError):
    code = "missing_scope"
    status = 403


def check(token, view, method):
    """Raise MissingScope when `token` may not send `method` to `view` (None: an address of no view)."""
    scope = needed(view, method)
    if token.scopes and scope not in token.scopes:
        sentence = _("This token lacks the scope “%(scope)s”. Make one that has it in your settings.")
        raise MissingScope(sentence % {"scope": scope or "*"})


class HasScope(permissions.BasePermission):
    """For views that sign in by something of their own; TokenAuthentication asks the same for all others."""

    def has_permission(self, request, view):
        if getattr(request.auth, "scopes", None):
            check(request.auth, view, request.method)
        return True
