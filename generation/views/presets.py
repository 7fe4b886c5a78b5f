"""Presets: the list to keep in order, what the generate page does with them, and the page behind a shared link."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from generation.asking import presets
from generation.models import Preset
from generation.views import preset_lines
from visionary.common import unavailable
from visionary.common.exceptions import DomainError


@login_required
def mine(request):
    """GET: one's own presets. POST (from the generate page): keep the form under `name`."""
    if request.method != "POST":
        return render(request, "generation/presets.html", {"presets": request.user.presets.all()})
    try:
        with unavailable.told():
            values = presets.values_of(request.POST)
            preset = presets.save(owner=request.user, name=request.POST.get("name"), values=values)
    except DomainError as error:
        return answer(request, None, error=error)
    return answer(request, preset, _("Saved as “%(name)s”.") % {"name": preset.name})


@login_required
@require_POST
def overwrite(request, preset_id):
    """Keep the form under the name of a preset that there is."""
    preset = presets.overwrite(preset=own(request, preset_id), values=presets.values_of(request.POST))
    return answer(request, preset, _("“%(name)s” holds these settings now.") % {"name": preset.name})


@login_required
@require_POST
def change(request, preset_id):
    """What the buttons of the list do: rename, move, share, unshare, delete."""
    preset, deed = own(request, preset_id), request.POST.get("deed")
    if deed not in DEEDS:
        raise Http404
    try:
        DEEDS[deed](preset, request.POST)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("generation:presets")


def rename(preset, data):
    presets.rename(preset=preset, name=data.get("name"))


def move(preset, data):
    text = data.get("place", "")
    place = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    presets.move(preset=preset, place=place)


DEEDS = {
    "rename": rename,
    "move": move,
    "share": lambda preset, data: presets.share(preset),
    "unshare": lambda preset, data: presets.unshare(preset),
    "delete": lambda preset, data: preset.delete(),
}


@require_GET
def shared(request, token):
    """What somebody's preset holds, and the way to use it."""
    preset = presets.shared(token)
    if preset is None:
        raise Http404
    form, notes = presets.form_of(preset)
    context = {"preset": preset, "form": form, "lines": preset_lines.lines(form), "notes": notes}
    response = render(request, "generation/preset_shared.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def answer(request, preset, said="", error=None):
    """The presets' menu again for a page that swaps, else the list."""
    if request.headers.get("HX-Request"):
        typed = request.POST.get("name", "") if error else ""
        context = {"preset": preset, "said": said, "fault": str(error or ""), "typed": typed}
        return render(request, "generation/_presets.html", context, status=422 if error else 200)
    if error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("generation:presets")


def own(request, preset_id):
    return get_object_or_404(Preset, owner=request.user, pk=preset_id)
