"""What a click on a heart or on "Follow" does."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render

from gallery.models import Picture
from models_hub import shelf
from social import people, services
from visionary.common.exceptions import DomainError


def wants(request):
    """Whether the deed is to be done, or undone (`value=0`): a repeated click of the same button changes nothing."""
    return request.POST.get("value") != "0"


@login_required
def like(request, picture_id):
    """Like a picture, or take that back."""
    picture = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
    if request.method != "POST":  # whoever was asked to sign in first comes back with a GET
        return redirect(picture)
    liked = wants(request)
    (services.like if liked else services.unlike)(picture=picture, by=request.user)
    if request.headers.get("HX-Request"):
        look = "tile" if request.POST.get("look") == "tile" else "button"
        return render(request, "social/_like.html", {"picture": picture, "liked": liked, "look": look})
    return redirect(picture)


@login_required
def like_model(request, slug):
    """Like a model, or take that back."""
    card = get_object_or_404(shelf.readable(request.user), slug=slug)
    if request.method != "POST":
        return redirect(card)
    liked = wants(request)
    (services.like_model if liked else services.unlike_model)(card=card, by=request.user)
    if request.headers.get("HX-Request"):
        return render(request, "components/like.html", {"thing": card, "liked": liked})
    return redirect(card)


@login_required
def follow(request, username):
    """Follow somebody, or no longer."""
    person = people.open_account(username)
    if request.method != "POST":
        return redirect(person)
    wanted = wants(request)
    try:
        (services.follow if wanted else services.unfollow)(user=person, by=request.user)
    except DomainError as error:
        if not request.headers.get("HX-Request"):
            messages.error(request, str(error))
        wanted = not wanted
    if request.headers.get("HX-Request"):
        context = {"person": person, "followed": wanted, "small": request.POST.get("look") == "small"}
        return render(request, "components/follow.html", context)
    return redirect(person)
