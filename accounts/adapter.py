"""How allauth behaves on this site."""

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Profile, User, username_key


class AccountAdapter(DefaultAccountAdapter):
    def clean_username(self, username, shallow=False):
        """Refuse a name that differs from a taken one only in case or width."""
        username = super().clean_username(username, shallow=True)
        if not shallow and User.objects.filter(username_key=username_key(username)).exists():
            raise ValidationError(_("This username is taken. Choose another one."))
        return username

    def save_user(self, request, user, form, commit=True):
        user = super().save_user(request, user, form, commit)
        if commit:
            Profile.objects.get_or_create(user=user)
        return user
