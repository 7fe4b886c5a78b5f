"""The files step: what is there, and what is done with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from models_hub import findings, uploads
from models_hub.models import ModelFile, Upload
from models_hub.uploads import arrival
from models_hub.uploads import services as tus
from models_hub.wizard import access, listing, services, steps
from visionary.common.exceptions import DomainError

# Without script a file comes in one form.
PLAIN_BYTES = 16 * 1024 * 1024


@login_required
@require_GET
def listed(request, slug):
    """The list alone, asked for again and again while something is under way."""
    version = access.version_of(request, slug)
    context = {"version": version, "card": version.card, **listing.files_of(version, request.user)}
    return render(request, "models_hub/wizard/_files.html", context)


@access.deed
def send(request, slug):
    """A small file in a plain form, for browsers without script."""
    version = access.version_of(request, slug)
    arrival.refuse_closed(version)
    file = request.FILES.get("file")
    if file is None:
        raise DomainError(_("File: choose one."), code="required", field="file")
    if file.size > PLAIN_BYTES:
        message = _("File: without script at most %(most)d MB can be sent. Use a tus client for larger ones.")
        raise DomainError(message % {"most": PLAIN_BYTES // 2**20}, code="too_big", field="file")
    role = request.POST.get("role") or ModelFile.Role.MODEL
    upload = tus.create(owner=request.user, length=file.size, name=file.name, role=role, version=version)
    tus.receive(upload=upload, offset=0, body=file)
    return redirect(steps.url(version, "files"))


def file_of(request, slug, file_id):
    return get_object_or_404(ModelFile, pk=file_id, version__card=access.card_of(request, slug))


@access.deed
def remove(request, slug, file_id):
    file = file_of(request, slug, file_id)
    services.remove_file(file=file, by=request.user)
    return back_to(request, file.version)


@access.deed
def answer(request, slug, file_id, finding_id):
    """The owner's answer to a question of the inspection."""
    file = file_of(request, slug, file_id)
    finding = get_object_or_404(file.findings, pk=finding_id)
    findings.answer(finding, request.user, request.POST.get("answer", ""))
    return back_to(request, file.version)


@access.deed
def drop(request, slug, key):
    """End an upload under way."""
    version = access.version_of(request, slug)
    mine = Q(owner=request.user) | Q(version=version)
    upload = get_object_or_404(Upload, mine, pk=key)
    tus.remove(upload)
    return back_to(request, version)


@access.deed
def attach(request, slug, key):
    """Use a file that came by a program, without a place."""
    version = access.version_of(request, slug)
    uploads.attach(get_object_or_404(Upload, owner=request.user, pk=key), version)
    messages.success(request, _("The file is in its place and is being inspected."))
    return back_to(request, version)


def back_to(request, version):
    if access.is_htmx(request):
        context = {"version": version, "card": version.card, **listing.files_of(version, request.user)}
        return render(request, "models_hub/wizard/_files.html", context)
    return redirect(steps.url(version, "files"))
