"""Signing in through others, only where the operator has given the keys: without them none of it is loaded.

`OAUTH_GITHUB_ID` and `OAUTH_GITHUB_SECRET` switch GitHub on; the same for the other names below. OAUTH_OIDC_URL
(the issuer's address) with its id and secret adds any OpenID Connect server, shown as OAUTH_OIDC_NAME.
OAUTH_GITHUB_URL leads to a GitHub of one's own (Enterprise Server).
"""

from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path

from visionary import env

# Provider -> where its sign-in form lives: the content security policy must let a form lead there.
KNOWN = {
    "github": "https://github.com",
    "gitlab": "https://gitlab.com",
    "google": "https://accounts.google.com",
    "discord": "https://discord.com",
}


def names():
    """Every setting that is read here."""
    keys = {f"OAUTH_{name.upper()}_{part}" for name in [*KNOWN, "oidc"] for part in ("ID", "SECRET")}
    return keys | {"OAUTH_OIDC_URL", "OAUTH_OIDC_NAME", "OAUTH_GITHUB_URL"}


def keys(name):
    """(id, secret) of a provider, or None. Raises ImproperlyConfigured for one without the other."""
    given = [env.text(f"OAUTH_{name.upper()}_{part}") for part in ("ID", "SECRET")]
    if any(given) and not all(given):
        raise ImproperlyConfigured(f"Give both OAUTH_{name.upper()}_ID and OAUTH_{name.upper()}_SECRET, or neither.")
    return given if all(given) else None


def enabled():
    """Names of the known providers that have keys."""
    return [name for name in KNOWN if keys(name)]


def oidc():
    """The OpenID Connect server of the operator as allauth wants it, or None."""
    given, address = keys("oidc"), env.text("OAUTH_OIDC_URL")
    if bool(given) != bool(address):
        raise ImproperlyConfigured("Give OAUTH_OIDC_URL, OAUTH_OIDC_ID and OAUTH_OIDC_SECRET, or none of them.")
    if not given:
        return None
    name = env.text("OAUTH_OIDC_NAME", "OpenID Connect")
    return {"provider_id": "oidc", "name": name, "client_id": given[0], "secret": given[1]} | {
        "settings": {"server_url": address}
    }


def apps():
    names = enabled() + (["openid_connect"] if oidc() else [])
    providers = [f"allauth.socialaccount.providers.{name}" for name in names]
    return ["allauth.socialaccount", *providers] if providers else []


def settings():
    found = {}
    for name in enabled():
        client_id, secret = keys(name)
        found[name] = {"APPS": [{"client_id": client_id, "secret": secret, "key": ""}]}
    if "github" in found and (own := env.text("OAUTH_GITHUB_URL")):
        found["github"]["GITHUB_URL"] = own
    if server := oidc():
        found["openid_connect"] = {"APPS": [server]}
    return found


def form_targets():
    """Addresses that forms of the site may lead to besides its own."""
    own = [env.text("OAUTH_OIDC_URL")] if oidc() else []
    if "github" in enabled() and env.text("OAUTH_GITHUB_URL"):
        own.append(env.text("OAUTH_GITHUB_URL"))
    return [KNOWN[name] for name in enabled()] + ["/".join(address.split("/")[:3]) for address in own]


def urls():
    if not apps():
        return []
    parts = [path("accounts/3rdparty/", include("allauth.socialaccount.urls"))]
    for name in apps()[1:]:
        parts.append(path("accounts/", include(f"{name}.urls")))
    return parts
