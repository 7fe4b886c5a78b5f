"""What every request of a signed-in person passes."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import MiddlewareNotUsed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import second_factor


class SecondFactorForStaff:
    """With STAFF_SECOND_FACTOR, staff without one is led to where it is set up, whatever they asked for."""

    # Signing in and out, the set-up itself, the language, what pages are made of.
    OPEN = ("/accounts/", "/language/", "/static/", "/media/")

    def __init__(self, get_response):
        if not settings.STAFF_SECOND_FACTOR:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith(self.OPEN) or not self.lacks(request.user):
            return self.get_response(request)
        messages.warning(request, _("Your role needs a second factor. Set it up to go on."))
        return redirect(reverse("mfa_activate_totp"))

    def lacks(self, user):
        return user.is_authenticated and user.is_staff and not second_factor.is_on(user)
