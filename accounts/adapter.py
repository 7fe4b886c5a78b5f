"""How allauth behaves on this site."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts import attempts, sanctions
from accounts.models import Profile, Sanction, User, username_key


def site_name():
    return settings.SITE_NAME_ZH if (get_language() or "").startswith("zh") else settings.SITE_NAME


class AccountAdapter(DefaultAccountAdapter):
    def clean_username(self, username, shallow=False):
        """Refuse a name that differs from a taken one only in case or width."""
        username = super().clean_username(username, shallow=True)
        if not shallow and User.objects.filter(username_key=username_key(username)).exists():
            raise ValidationError(_("This username is taken. Choose another one."))
        return username

    def format_email_subject(self, subject):
        return f"[{site_name()}] {subject}"

    def send_mail(self, template_prefix, email, context):
        """Letters come from the site by its name; its address alone would read like a machine's."""
        site = {"name": site_name(), "domain": get_current_site(allauth_context.request).domain}
        super().send_mail(template_prefix, email, {"current_site": site, **context})

    def send_password_reset_mail(self, user, email, context):
        """A banned person gets a letter, too, or the time that it takes would tell; it says why there is no link."""
        if not user.is_banned:
            return super().send_password_reset_mail(user, email, context)
        return self.send_mail("account/email/banned", email, context | {"sentence": ban_sentence(user)})

    def save_user(self, request, user, form, commit=True):
        user = super().save_user(request, user, form, commit)
        if commit:
            Profile.objects.get_or_create(user=user)
        return user

    def pre_login(self, request, user, **details):
        """The password was right: from here on somebody who is banned may know it, and why."""
        if user.is_banned:
            clear_login(request)
            return render(request, "account/banned.html", {"sentence": ban_sentence(user)}, status=403)
        return super().pre_login(request, user, **details)

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        if user:
            attempts.forget_account(request, self._get_login_attempts_cache_key(request, **credentials))
        return user

    def respond_user_inactive(self, request, user):
        """The password was right, and the account is closed: by its owner, who may take that back?"""
        if user.deletion_due_at is None:
            return super().respond_user_inactive(request, user)
        from accounts import leaving_views

        clear_login(request)
        return leaving_views.offer(request, user)

    def _get_login_attempts_cache_key(self, request, **credentials):
        """allauth's name for the account whose guesses are counted: however it is spelled, and as the API counts."""
        return login_key(credentials.get("email") or credentials.get("username") or "")


def login_key(login):
    # What is no text cannot be a key; it is nobody's name either.
    return f"login:{username_key(login)}".encode(errors="replace").decode()


def ban_sentence(user):
    return sanctions.sentence(sanctions.running(user, Sanction.Kind.BAN), user.banned_until)
