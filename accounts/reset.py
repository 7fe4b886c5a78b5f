"""Links that set a new password."""

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator


class TokenGenerator(EmailAwarePasswordResetTokenGenerator):
    """A link dies with what it is made of: the password, the addresses, and the epoch that a ban counts up."""

    def _make_hash_value(self, user, timestamp):
        return f"{super()._make_hash_value(user, timestamp)}#{user.session_epoch}"

    def check_token(self, user, token):
        return super().check_token(user, token) and not (user and user.is_banned)
