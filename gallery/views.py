"""The gallery's pages and the deeds of a picture's page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from gallery import feed, lineage, pngmeta, services
from gallery.forms import FeedForm, MineForm, PictureForm
from gallery.models import Picture
from models_hub.models import ModelCard, ModelVersion
from visionary.common import guest_pages
from visionary.common.exceptions import DomainError

RELATED = 8


@require_GET
@guest_pages.remembered
def gallery(request):
    """Everybody's published pictures. `part=1` answers with the next rows only, for endless scroll."""
    form = FeedForm(request.GET)
    pictures = form.apply(Picture.objects.published().for_wall())
    page = feed.page(pictures, form.order(), request.GET.get("cursor", ""))
    context = {"form": form, "chosen": form.values(), "page": page}
    if request.GET.get("part"):
        return render(request, "gallery/_feed.html", context)
    context["cards"] = ModelCard.objects.published().order_by("name")
    return render(request, "gallery/gallery.html", context)


@login_required
@require_GET
def mine(request):
    form = MineForm(request.GET)
    pictures = form.pictures(request.user).for_wall()
    page = feed.page(pictures, "created_at", request.GET.get("cursor", ""))
    context = {"form": form, "shown": form.shown(), "page": page, "own": True}
    return render(request, "gallery/_feed.html" if request.GET.get("part") else "gallery/mine.html", context)


def visible(request, picture_id):
    return get_object_or_404(Picture.objects.visible_to(request.user).with_details(), pk=picture_id)


@require_GET
@guest_pages.remembered
def picture(request, picture_id):
    shown = visible(request, picture_id)
    form = PictureForm(initial={"title": shown.title, "visibility": shown.visibility})
    return render(request, "gallery/picture.html", page_of(shown, form, request.user))


def page_of(picture, form, user):
    """What a picture's page shows; a fixed number of queries, however full the gallery is."""
    published = Picture.objects.published()
    if is_published(picture):
        newer, older = feed.neighbours(picture, published, "published_at")
    else:
        newer, older = feed.neighbours(picture, Picture.objects.for_owner(picture.owner), "created_at")
    recipe = getattr(picture, "recipe", None)
    by_author = list(feed.newest(owner=picture.owner).exclude(pk=picture.pk)[:RELATED])
    same_model = list(others_with(picture)[:RELATED])
    family = lineage.block(picture, user)
    return {
        "picture": picture,
        "recipe": recipe,
        "parameters": pngmeta.parameters_text(vars(recipe)) if recipe else "",
        "loras": with_cards(recipe.loras) if recipe else [],
        "form": form,
        "newer": newer,
        "older": older,
        "by_author": by_author,
        "same_model": same_model,
        "shown_pictures": [picture, *by_author, *same_model, *family["remixes"]],
        **family,
    }


@require_GET
def remixes(request, picture_id):
    """All that was made from a picture, as far as the reader may see it; `part=1` for the next rows only."""
    shown = visible(request, picture_id)
    page = lineage.page(shown, request.user, request.GET.get("cursor", ""))
    template = "gallery/_feed.html" if request.GET.get("part") else "gallery/remixes.html"
    return render(request, template, {"picture": shown, "page": page})


def others_with(picture):
    """Pictures by others, made with the same model."""
    if not picture.card_id:
        return Picture.objects.none()
    return feed.newest(card=picture.card_id).exclude(pk=picture.pk).exclude(owner=picture.owner)


def is_published(picture):
    return picture.visibility == Picture.Visibility.PUBLIC and not picture.is_hidden


def with_cards(loras):
    """The recipe's LoRAs with the card of each that is still on the site."""
    ids = [lora["version_id"] for lora in loras if lora.get("version_id")]
    versions = ModelVersion.objects.published().select_related("card").in_bulk(ids) if ids else {}
    return [lora | {"card": getattr(versions.get(lora.get("version_id")), "card", None)} for lora in loras]


@login_required
@require_POST
def edit(request, picture_id):
    """Title and visibility together; what was typed stays when it is refused."""
    own = visible(request, picture_id)
    form = PictureForm(request.POST)
    if form.is_valid():
        try:
            services.rename(picture=own, by=request.user, title=form.cleaned_data["title"])
            set_visibility(own, request.user, form.cleaned_data["visibility"])
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(own)
    return render(request, "gallery/picture.html", page_of(own, form, request.user), status=422)


def set_visibility(picture, user, visibility):
    if visibility == picture.visibility:
        return
    if visibility == Picture.Visibility.PUBLIC:
        services.publish(picture=picture, by=user)
    else:
        services.unpublish(picture=picture, by=user, visibility=visibility)


# What a button of a picture does, and the sentence that says it was done.
DEEDS = {
    "publish": (services.publish, gettext_lazy("The picture is in the gallery now.")),
    "unpublish": (services.unpublish, gettext_lazy("Only you can see the picture now.")),
    "trash": (services.trash, gettext_lazy("The picture is in the trash; you can restore it from My creations.")),
    "restore": (services.restore, gettext_lazy("The picture is back.")),
    "hide": (services.hide, gettext_lazy("The picture is hidden from the gallery.")),
    "unhide": (services.unhide, gettext_lazy("The picture is shown again.")),
}


@login_required
def act(request, picture_id, deed):
    """Do one of DEEDS. A page that swaps gets the new button (or the undo line), others go back where they were."""
    service, sentence = DEEDS[deed]
    picture = within_reach(request.user, picture_id)
    if request.method != "POST":  # whoever was asked to sign in first comes back with a GET
        return back(request, picture)
    try:
        service(picture=picture, by=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return back(request, picture, refresh=True)
    if request.headers.get("HX-Request"):
        template = "gallery/_trashed.html" if deed == "trash" else "gallery/_publish.html"
        return render(request, template, {"picture": picture, "next": request.POST.get("next", "")})
    messages.success(request, sentence)
    return back(request, picture)


def within_reach(user, picture_id):
    """A picture that `user` may open, or has put in the trash."""
    reachable = Picture.objects.visible_to(user) | Picture.objects.for_owner_with_trash(user)
    return get_object_or_404(reachable, pk=picture_id)


def back(request, picture, refresh=False):
    """To `next` when it is a page of this site, else to the picture, or to the owner's list once it is gone."""
    if refresh and request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect("gallery:mine") if picture.deleted_at else redirect(picture)
