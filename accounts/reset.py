"""Links that set a new password."""

from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator


class TokenGenerator(PasswordResetTokenGenerator):
    """A link dies with what it is made of: password, last sign-in, addresses, and the epoch that a ban counts up.

    allauth's own generator knows all but the epoch; it cannot be inherited from, as its module asks for this one.
    """

    def _make_hash_value(self, user, timestamp):
        proven = EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)
        addresses = "|".join(sorted({user.email, *proven}))
        return f"{super()._make_hash_value(user, timestamp)}{addresses}#{user.session_epoch}"

    def check_token(self, user, token):
        return super().check_token(user, token) and not (user and user.is_banned)
