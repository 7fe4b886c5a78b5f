"""Pages that belong to no single app: home, about, and what is shown when something is wrong."""

import sys

from django.http import HttpResponseServerError
from django.shortcuts import render
from django.template import loader
from django.views.decorators.http import require_safe

from gallery import feed
from models_hub.models import ModelCard
from visionary.common import guest_pages, unavailable

WALL = 24
MODELS = 4


@require_safe
@guest_pages.remembered
def home(request):
    pictures = list(feed.newest()[:WALL])
    cards = list(ModelCard.objects.published().with_cover()[:MODELS])
    return render(request, "home.html", {"pictures": pictures, "cards": cards})


@require_safe
def about(request):
    cards = ModelCard.objects.published().exclude(licence="").order_by("name")
    return render(request, "about.html", {"cards": cards})


def bad_request(request, exception=None):
    return render(request, "400.html", status=400)


def forbidden(request, exception=None):
    return render(request, "403.html", status=403)


def not_found(request, exception=None):
    return render(request, "404.html", status=404)


def server_error(request):
    """Says sorry without the database, the session or the context processors: any of them may be what failed.

    Django calls this while it handles the exception, from a view or from a middleware that saved the session.
    """
    error = sys.exception()
    if isinstance(error, unavailable.DATABASE_AWAY):
        return unavailable.page(request, unavailable.database_away(error))
    return HttpResponseServerError(loader.render_to_string("500.html"))
