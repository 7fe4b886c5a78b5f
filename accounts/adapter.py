"""How allauth behaves on this site."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Profile, User, username_key


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

    def save_user(self, request, user, form, commit=True):
        user = super().save_user(request, user, form, commit)
        if commit:
            Profile.objects.get_or_create(user=user)
        return user
