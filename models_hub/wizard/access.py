"""Whose models the wizard shows: one's own, and to moderators all. For anybody else there is nothing there."""

import functools
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from models_hub.models import ModelVersion
from models_hub.uploads import arrival
from models_hub.uploads.services import key_of
from visionary.common import unavailable
from visionary.common.exceptions import DomainError


def card_of(request, slug):
    """The card, or 404."""
    return get_object_or_404(arrival.cards_of(request.user).select_related("owner"), slug=slug)


def version_of(request, slug):
    """The version that the page is about: the one asked for, else one that is open, else the newest. Or 404."""
    card = card_of(request, slug)
    versions = card.versions.select_related("card")
    wanted = request.GET.get("version") or request.POST.get("version") or ""
    if wanted:
        return get_object_or_404(versions, pk=key_of(wanted))
    found = versions.filter(status__in=arrival.OPEN).first() or versions.first()
    return found or ModelVersion.objects.create(card=card, name="1.0", status=ModelVersion.Status.DRAFT)


def is_htmx(request):
    return request.headers.get("HX-Request") == "true"


def deed(view):
    """For views that do one thing by POST: a refusal becomes a message, on the page that `view` returns to.

    The view gets (request, ...) and returns a response; it raises DomainError to refuse.
    """

    @login_required
    @functools.wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        try:
            with unavailable.told():
                return view(request, *args, **kwargs)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(back(request))

    return guarded


def back(request):
    """The page that the deed was asked for on, if it is one of ours."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    place = request.POST.get("back") or (f"{shown.path}?{shown.query}" if shown.netloc == request.get_host() else "")
    return place if url_has_allowed_host_and_scheme(place, allowed_hosts=None) else reverse("models_hub:mine")
