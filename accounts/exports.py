"""What of accounts goes into the archive of a user's own."""

from allauth.account.models import EmailAddress
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import exporting, portraits
from accounts.models import ApiToken, Profile, Sanction, User

ACCOUNT = ("username", "email", "date_joined", "last_login")
PROFILE = ("bio", "website", "links", "shows_presence", "shows_likes", "content_level", "blurs_mature")
PROFILE += ("last_seen_at", "followers", "following")


def register():
    exporting.register("accounts.User", account)
    exporting.register("accounts.Profile", profile)
    exporting.register("accounts.Sanction", sanctions)
    exporting.register("accounts.ApiToken", tokens)
    exporting.register("account.EmailAddress", addresses)
    exporting.skip("accounts.Export", because="it is the archive itself")
    exporting.skip("account.EmailConfirmation", because="it hangs on an address and dies within days")
    exporting.skip("usersessions.UserSession", because="it is a key of a browser, and gone when that signs out")
    exporting.skip("mfa.Authenticator", because="it is a secret, useless elsewhere")
    exporting.skip("socialaccount.SocialAccount", because="the other provider keeps it and exports it")
    exporting.skip("admin.LogEntry", because="it is the site's record of what its staff did")


def account(archive, user):
    archive.text("README.txt", readme())
    archive.json("account.json", User.objects.filter(pk=user.pk).values(*ACCOUNT))


def readme():
    told = _("All that is yours on this site, packed on %(date)s. Tables are JSON, pictures the originals.")
    return told % {"date": timezone.now().date().isoformat()} + "\n"


def profile(archive, user):
    rows = Profile.objects.filter(user=user)
    archive.json("profile.json", rows.values(*PROFILE))
    for row in rows:
        for path in portraits.files_of(row):
            archive.file(f"profile/{path.parts[-3]}-{path.name.split('.')[1]}.webp", path)


def sanctions(archive, user):
    """What the user could read; moderators' notes are about others as well."""
    rows = Sanction.objects.filter(user=user)
    archive.json("sanctions.json", rows.values("kind", "reason", "since", "until", "lifted_at", "lift_reason"))


def tokens(archive, user):
    rows = ApiToken.objects.filter(user=user)
    archive.json("api_tokens.json", rows.values("name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"))


def addresses(archive, user):
    rows = EmailAddress.objects.filter(user=user)
    archive.json("email_addresses.json", rows.values("email", "verified", "primary"))
