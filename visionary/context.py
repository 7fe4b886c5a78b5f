"""What every template may use."""

from django.conf import settings


def site(request):
    """The site's name, and the languages of the switch."""
    return {name: getattr(settings, name) for name in ("SITE_NAME", "SITE_NAME_ZH")} | {
        "LANGUAGE_CHOICES": settings.LANGUAGES
    }
