"""What a click on a heart does."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect, render

from gallery.models import Picture
from social import services


@login_required
def like(request, picture_id):
    """Like, or with `value=0` take it back; a repeated click of the same button changes nothing."""
    picture = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
    if request.method != "POST":  # whoever was asked to sign in first comes back with a GET
        return redirect(picture)
    liked = request.POST.get("value") != "0"
    (services.like if liked else services.unlike)(picture=picture, by=request.user)
    if request.headers.get("HX-Request"):
        look = "tile" if request.POST.get("look") == "tile" else "button"
        return render(request, "social/_like.html", {"picture": picture, "liked": liked, "look": look})
    return redirect(picture)
