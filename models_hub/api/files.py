"""Downloads for programs: as the pages have them, with a token."""

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.views import APIView

from models_hub import shelf
from models_hub.downloads import files
from models_hub.models import ModelVersion
from models_hub.views import downloads

BYTES = {
    200: OpenApiResponse(OpenApiTypes.BINARY, "The whole file; its ETag is its SHA-256"),
    206: OpenApiResponse(OpenApiTypes.BINARY, "The part that `Range` asks for"),
    416: OpenApiResponse(description="There is no such part"),
}


@extend_schema(tags=["models"])
class File(APIView):
    @extend_schema(operation_id="models_file", responses=BYTES)
    def get(self, request, slug, file_id):
        """The bytes of a file. Takes `Range` and `If-Range`."""
        found = get_object_or_404(files.within_reach(request.user, slug), pk=file_id)
        files.check_member(found.version, request.user)
        return downloads.send(request._request, found, request.user, found.name)


@extend_schema(tags=["models"])
class Archive(APIView):
    @extend_schema(operation_id="models_archive", responses={200: OpenApiTypes.BINARY})
    def get(self, request, slug, version_id):
        """All files of a version as one uncompressed ZIP file, made while it is sent."""
        versions = ModelVersion.objects.visible_to(request.user).filter(card__in=shelf.readable(request.user))
        version = get_object_or_404(versions.select_related("card"), pk=version_id, card__slug=slug)
        files.check_member(version, request.user)
        name = files.archive_name(version, slug)
        return downloads.send_archive(request._request, version, request.user, name)
