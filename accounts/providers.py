"""What comes back from outside providers (visionary.login_providers)."""

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter

from accounts.models import Profile


class Adapter(DefaultSocialAccountAdapter):
    def save_user(self, request, sociallogin, form=None):
        user = super().save_user(request, sociallogin, form)
        Profile.objects.get_or_create(user=user)
        return user
