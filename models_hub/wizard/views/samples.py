"""The samples step."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from models_hub.models import ModelSample
from models_hub.uploads.services import refuse_sanctioned
from models_hub.wizard import access, samples, steps
from visionary.common import decoding
from visionary.common.exceptions import DomainError


@access.deed
def add(request, slug):
    """One or more pictures; those that cannot be read are named, the others kept."""
    version = access.version_of(request, slug)
    given = request.FILES.getlist("pictures")[: samples.MOST]
    if not given:
        messages.error(request, _("Pictures: choose at least one."))
    for file in given:
        try:
            samples.add(version=version, data=bytes_of(file), by=request.user)
        except DomainError as error:
            messages.error(request, f"{file.name}: {error}")
    return back_to(request, version)


def bytes_of(file):
    if file.size > decoding.MAX_BYTES:
        raise decoding.too_big()
    return file.read()


DEEDS = {
    "remove": samples.remove,
    "cover": samples.choose_cover,
    "earlier": lambda sample: samples.move(sample=sample, to=samples.place(sample) - 1),
    "later": lambda sample: samples.move(sample=sample, to=samples.place(sample) + 1),
}


@access.deed
def change(request, slug, sample_id, deed):
    """One of DEEDS."""
    card = access.card_of(request, slug)
    sample = get_object_or_404(ModelSample.everything.select_related("version__card"), pk=sample_id, version__card=card)
    refuse_sanctioned(request.user)
    version = sample.version
    DEEDS[deed](sample)
    return back_to(request, version)


def back_to(request, version):
    if access.is_htmx(request):
        context = {"version": version, "card": version.card, "samples": samples.of(version)}
        return render(request, "models_hub/wizard/_samples.html", context)
    return redirect(steps.url(version, "samples"))
