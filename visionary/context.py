"""What every template may use."""

from django.conf import settings


def site(request):
    """The site's name, and the languages of the switch."""
    return {"SITE_NAME": "Visionary Art", "SITE_NAME_ZH": "智绘", "LANGUAGE_CHOICES": settings.LANGUAGES}
