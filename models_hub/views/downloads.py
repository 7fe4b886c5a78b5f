"""Files of models for whoever may have them."""

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from models_hub import shelf
from models_hub.downloads import archive as archives
from models_hub.downloads import counting, files, links
from models_hub.models import Download, ModelVersion
from visionary.common.streaming import file_response

BINARY = "application/octet-stream"
PER_PAGE = 30


@require_safe
def file(request, slug, file_id, name):
    """A file under its own name, or `<name>.sha256` beside it."""
    user = reader(request, f"file:{file_id}")
    if user is None:
        return dead_link()
    found = get_object_or_404(files.within_reach(user, slug), pk=file_id)
    if name not in {found.name, f"{found.name}.sha256"}:
        raise Http404
    return guarded(request, found.version, user) or send(request, found, user, name)


def send(request, found, user, name):
    if name != found.name:
        return HttpResponse(f"{found.sha256}  {files.save_as(found)}\n", content_type="text/plain; charset=utf-8")
    try:
        response = bytes_of(request, found)
    except FileNotFoundError:
        raise Http404 from None
    if begins(request, response):
        counting.count(found.version, user=user, address=address_of(request), file=found)
    return response


def bytes_of(request, found):
    """The answer with the file's bytes; nginx sends them where it stands in front. Raises FileNotFoundError."""
    path, saved_as = files.path_of(found), files.save_as(found)
    if inside := files.accelerated(path):
        etag = f'"{found.sha256}"'
        response = get_conditional_response(request, etag) or HttpResponse(content_type=BINARY)
        if response.status_code == 200:
            response.headers["X-Accel-Redirect"] = inside
            response.headers["Content-Disposition"] = content_disposition_header(True, saved_as)
        response.headers["ETag"] = etag
    else:
        response = file_response(
            request, path, content_type=BINARY, filename=saved_as, attachment=True, etag=found.sha256
        )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def archive(request, slug, version_id, name):
    """All files of a version as one ZIP file, made while it is sent."""
    user = reader(request, f"version:{version_id}")
    if user is None:
        return dead_link()
    versions = ModelVersion.objects.visible_to(user).filter(card__in=shelf.readable(user), card__slug=slug)
    version = get_object_or_404(versions.select_related("card"), pk=version_id)
    if name != files.archive_name(version, slug):
        raise Http404
    return guarded(request, version, user) or send_archive(request, version, user, name)


def send_archive(request, version, user, name):
    found = files.within_reach(user, version.card.slug).filter(version=version)
    try:
        members = [(file.name, files.path_of(file)) for file in found]
    except FileNotFoundError:
        raise Http404 from None
    if not members:
        raise Http404
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "private, no-cache"}
    if request.method == "HEAD":
        return HttpResponse(content_type="application/zip", headers=headers)
    counting.count(version, user=user, address=address_of(request))
    return StreamingHttpResponse(archives.pieces(members), content_type="application/zip", headers=headers)


def reader(request, key):
    """Who asks: whoever is signed in, else the user of a signed link; None for a link that is dead."""
    signature = request.GET.get("sig")
    if request.user.is_authenticated or not signature:
        return request.user
    return links.user_of(signature, key)


def dead_link():
    sentence = _("This link has expired or is not for this file. Copy a new one from the model's page.")
    return HttpResponse(sentence + "\n", status=403, content_type="text/plain; charset=utf-8")


def guarded(request, version, user):
    """The answer for a guest where only members may download: a browser is led to sign in, a program is told."""
    try:
        files.check_member(version, user)
    except files.MembersOnly as refusal:
        if "text/html" in request.headers.get("Accept", ""):
            return redirect_to_login(version.card.get_absolute_url())
        return HttpResponse(f"{refusal}\n", status=refusal.status, content_type="text/plain; charset=utf-8")
    return None


def begins(request, response):
    """Whether a download begins with this answer, and does not only go on."""
    if request.method != "GET" or response.status_code not in {200, 206}:
        return False
    return response.headers.get("Content-Range", "bytes 0-").startswith("bytes 0-")


def address_of(request):
    return get_adapter().get_client_ip(request)


@login_required
@require_GET
def mine(request):
    """What I have downloaded, the latest first."""
    rows = Download.objects.filter(user=request.user).select_related("version__card__owner", "file")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for row in page:
        row.is_there = is_there(row)
    return render(request, "models_hub/my_downloads.html", {"page": page})


def is_there(row):
    """Whether it can be had again."""
    version = row.version
    return version.status == ModelVersion.Status.PUBLISHED and version.card.status == version.card.Status.PUBLISHED
