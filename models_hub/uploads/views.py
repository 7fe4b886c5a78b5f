"""The tus 1.0 protocol (https://tus.io/protocols/resumable-upload): core, creation, checksum, expiration, termination.

A browser comes with its session and the header X-CSRFToken, a program with a token of the scope "upload".
"""

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from models_hub.models import ModelFile
from models_hub.uploads import metadata, quarantine, services
from visionary.common.exceptions import DomainError

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
BODY = "application/offset+octet-stream"
# Proxies that let only GET and POST through: the protocol's way around.
OVERRIDE = {"PATCH", "DELETE", "HEAD"}


class TusView(APIView):
    """What all addresses of the protocol share."""

    permission_classes = [IsAuthenticated]
    scope = "upload"
    scopes = {"HEAD": "upload", "OPTIONS": "upload"}
    schema = None  # the protocol is described where it is defined

    def dispatch(self, request, *args, **kwargs):
        wanted = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and wanted in OVERRIDE:
            request.method = wanted
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if request.headers.get("Tus-Resumable", VERSION) != VERSION:
            message = _("This site speaks version %(version)s of the tus protocol.")
            raise DomainError(message % {"version": VERSION}, code="wrong_tus_version", status=412)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        if response.status_code == 412:
            response["Tus-Version"] = VERSION
        return response

    def get_permissions(self):
        return [] if self.request.method == "OPTIONS" else super().get_permissions()

    def options(self, request, *args, **kwargs):
        """What this end of the protocol can do."""
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": settings.UPLOAD_MAX_BYTES,
            "Tus-Checksum-Algorithm": ",".join(quarantine.ALGORITHMS),
        }
        return Response(status=204, headers=headers)


class Uploads(TusView):
    """Where an upload begins."""

    def post(self, request):
        told = metadata.read(request.headers.get("Upload-Metadata", ""))
        named = told.get("version", "")
        version = services.version_named(request.user, named) if named else None
        upload = services.create(
            owner=request.user,
            length=length_of(request),
            name=told.get("name") or told.get("filename") or "",
            role=told.get("role") or ModelFile.Role.MODEL,
            version=version,
            replaces=services.file_named(version, told["replaces"]) if told.get("replaces") else None,
        )
        size = first_piece(request, upload) if request.headers.get("Content-Type") == BODY else 0
        return Response(status=201, headers={"Location": address(upload), **progress(upload, size)})


class Upload(TusView):
    """One upload."""

    def head(self, request, key):
        upload = self.find(key)
        size = services.offset_of(upload)
        told = metadata.written({"name": upload.name, "role": upload.role, "version": upload.version_id or ""})
        headers = {"Upload-Length": upload.length, "Upload-Metadata": told, **progress(upload, size)}
        return Response(status=200, headers=headers)

    def patch(self, request, key):
        upload = self.find(key)
        if request.headers.get("Content-Type") != BODY:
            message = _("Content-Type: send %(type)s.") % {"type": BODY}
            raise DomainError(message, code="wrong_type", field="Content-Type", status=415)
        offset = number(request, "Upload-Offset")
        size = services.offset_of(upload)
        if upload.state == upload.State.RECEIVING and size < upload.length:
            size = take_in(request, upload, offset)
        elif offset != size:
            raise DomainError(_("This upload is complete already."), code="wrong_offset", status=409)
        return Response(status=204, headers=progress(upload, size))

    def delete(self, request, key):
        services.remove(self.find(key, expired_too=True))
        return Response(status=204)

    def find(self, key, expired_too=False):
        upload = services.find(self.request.user, key)
        if upload is None:
            raise Http404
        if services.is_expired(upload) and not expired_too:
            raise services.gone()
        return upload


def take_in(request, upload, offset):
    """Append the body of `request`; returns the new offset. The body is read piece by piece."""
    if int(request.headers.get("Content-Length") or 0) > settings.UPLOAD_PATCH_BYTES:
        message = _("Send at most %(most)d MB at once: set the chunk size of your tus client.")
        raise quarantine.TooLong(message % {"most": settings.UPLOAD_PATCH_BYTES // 2**20})
    checksum = request.headers.get("Upload-Checksum", "")
    return services.receive(upload=upload, offset=offset, body=request._request, checksum=checksum)


def first_piece(request, upload):
    """The body that came with the creation. A damaged one is sent again; any other fault ends the upload."""
    try:
        return take_in(request, upload, 0)
    except quarantine.WrongChecksum:
        return 0
    except DomainError:
        services.remove(upload)
        raise


def progress(upload, size):
    return {"Upload-Offset": size, "Upload-Expires": http_date(upload.expires_at.timestamp())}


def address(upload):
    return reverse("models_hub:upload", args=[upload.pk])


def length_of(request):
    if "Upload-Defer-Length" in request.headers:
        message = _("Upload-Length: say the size of the file when the upload begins.")
        raise DomainError(message, code="required", field="Upload-Length")
    return number(request, "Upload-Length")


def number(request, name):
    """A header as a whole number. Raises DomainError."""
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        message = _("%(name)s: give a whole number of bytes.") % {"name": name}
        raise DomainError(message, code="bad_value", field=name)
    return int(text)
