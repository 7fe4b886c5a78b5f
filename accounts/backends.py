"""Who a name and a password belong to, and whom a session still opens."""

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User, username_key


class Backend(AuthenticationBackend):
    """By username or e-mail address. A banned account signs nobody in, and its sessions open nothing."""

    def user_can_authenticate(self, user):
        """Asked at the door and, with the row that is loaded anyway, at every request (`get_user`)."""
        return super().user_can_authenticate(user) and not user.is_banned

    def _authenticate(self, request, **credentials):
        """By the name or by the address, never by both: one look-up more would tell by its time who is known."""
        name, address = credentials.get("username") or "", credentials.get("email") or ""
        if name and "@" not in name:
            return self._authenticate_by_username(name, credentials["password"])
        return self._authenticate_by_email(address or name, credentials["password"])

    def _authenticate_by_username(self, username, password):
        if not username:
            return None
        found = User.objects.filter(username_key=username_key(username)).first()
        return self._check_password(found, password)
