"""Several pictures at once: one deed for all, or all in one ZIP."""

import functools
import uuid
import zipfile

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from gallery import services
from gallery.file_views import file_name
from gallery.models import Picture
from visionary.common.exceptions import DomainError

MOST = 100
# Bytes of originals in one ZIP: well over a hundred pictures of the largest size that the site draws.
MOST_BYTES = 1024 * 1024 * 1024
DEEDS = {
    "publish": (
        services.publish,
        ngettext_lazy("%(n)d picture is in the gallery now.", "%(n)d pictures are in the gallery now.", "n"),
    ),
    "trash": (
        services.trash,
        ngettext_lazy("%(n)d picture is in the trash.", "%(n)d pictures are in the trash.", "n"),
    ),
    "restore": (services.restore, ngettext_lazy("%(n)d picture is back.", "%(n)d pictures are back.", "n")),
}


def refusing(view):
    """A view whose refusals are told: as JSON to scripts, else as a message on the reader's own list."""

    @functools.wraps(view)
    def answer(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except DomainError as error:
            if wants_json(request):
                return JsonResponse({"error": str(error), "code": error.code}, status=error.status)
            messages.error(request, str(error))
            return redirect("gallery:mine")

    return answer


def wants_json(request):
    return "application/json" in request.headers.get("Accept", "")


@login_required
@require_POST
@refusing
def act(request, deed):
    """Do one of DEEDS with the chosen pictures of the reader's own: with all of them, or with none."""
    if deed not in DEEDS:
        raise Http404
    service, sentence = DEEDS[deed]
    pictures = chosen(request, with_trashed=deed == "restore")
    with transaction.atomic():
        for picture in pictures:
            service(picture=picture, by=request.user)
    said = sentence % {"n": len(pictures)}
    if wants_json(request):
        return JsonResponse({"said": said, "pictures": [str(picture.pk) for picture in pictures]})
    messages.success(request, said)
    return redirect("gallery:mine")


@login_required
@require_POST
@refusing
def download(request):
    """The originals in one ZIP, sent while it is made: never more than one picture of it is in memory."""
    pictures = chosen(request)
    if sum(picture.size for picture in pictures) > MOST_BYTES:
        message = _("These pictures are larger than 1 GB together. Choose fewer.")
        raise DomainError(message, code="too_big", status=413)
    response = StreamingHttpResponse(zipped(pictures), content_type="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="pictures.zip"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def chosen(request, with_trashed=False):
    """The reader's own pictures that the form names, in that order. 404 when one of them is not theirs."""
    ids = list(dict.fromkeys(request.POST.getlist("picture")))
    if not ids:
        raise DomainError(_("Choose at least one picture."), code="nothing_chosen", field="picture")
    if len(ids) > MOST:
        raise DomainError(_("Choose at most %(most)d pictures.") % {"most": MOST}, code="too_many", field="picture")
    try:
        keys = [uuid.UUID(value) for value in ids]
    except ValueError:
        raise Http404 from None
    everything = Picture.objects.for_owner_with_trash(request.user)
    mine = everything if with_trashed else everything.filter(deleted_at=None)
    found = mine.select_related("recipe").in_bulk(keys)
    if len(found) < len(keys):
        raise Http404
    return [found[key] for key in keys]


class Sink:
    """A file that only takes: ZipFile writes into it, `take` empties it."""

    def __init__(self):
        self.parts = []

    def write(self, data):
        self.parts.append(bytes(data))
        return len(data)

    def flush(self):
        """Nothing is kept back."""

    def take(self):
        data, self.parts = b"".join(self.parts), []
        return data


def zipped(pictures):
    """The bytes of a ZIP, a picture at a time. PNG is compressed already, so they are stored as they are."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for number, picture in enumerate(pictures, start=1):
            try:
                data = picture.path.read_bytes()
            except FileNotFoundError:
                continue
            archive.writestr(f"{number:03} {file_name(picture)}", data)
            yield sink.take()
    yield sink.take()
