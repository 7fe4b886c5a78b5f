"""How letters leave: read from one address, or from its parts."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# Scheme -> (port when none is given, TLS from the start, STARTTLS)
SMTP = {"smtp": (587, False, True), "smtps": (465, True, False), "smtp+plain": (25, False, False)}
OTHERS = {"file": "filebased", "console": "console"}


class MailServer(NamedTuple):
    """`backend` is a module of django.core.mail.backends."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def from_address(address: str) -> MailServer:
    """smtp://user:password@host:587 (STARTTLS), smtps://, smtp+plain:// (neither), console: or file:.

    Raises ImproperlyConfigured.
    """
    parts = urlsplit(address)
    if parts.scheme in OTHERS:
        return MailServer(OTHERS[parts.scheme])
    if parts.scheme not in SMTP or not parts.hostname:
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp://user:password@host:587 (or smtps://, file:, console:)."
        )
    port, tls, starttls = SMTP[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer("smtp", parts.hostname, parts.port or port, user, password, tls, starttls)


def from_parts(host: str, port: int, user: str, password: str, starttls: bool) -> MailServer:
    """Without a host letters are written to files."""
    return MailServer("smtp" if host else "filebased", host, port, user, password, starttls=starttls)
