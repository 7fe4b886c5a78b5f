"""Pictures to start from, for programs."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, parsers, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.asking import sources
from generation.models import Source
from generation.views import sources as views_sources
from visionary.common.api_requests import JsonParser


class SourceSerializer(serializers.ModelSerializer):
    """A picture that jobs of its owner start from; nobody else sees it. `picture` is what it is a copy of."""

    url = serializers.CharField(source="get_absolute_url")
    picture = serializers.UUIDField(source="picture_id", allow_null=True)

    class Meta:
        model = Source
        fields = ["id", "role", "url", "width", "height", "size", "picture", "created_at", "used_at"]


class SourceRequestSerializer(serializers.Serializer):
    """Either a `file` (multipart: PNG, JPEG, WebP, GIF or BMP, up to 20 MB) or a `picture` of the site."""

    file = serializers.FileField(required=False, allow_empty_file=True)
    picture = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=Source.Role.choices, default=Source.Role.SOURCE)
    source = serializers.UUIDField(required=False, help_text="For a mask: the source whose size it gets")


@extend_schema_view(get=extend_schema(operation_id="sources_list", tags=["sources"]))
class Sources(generics.ListAPIView):
    """The reader's own sources, newest first."""

    permission_classes = (permissions.IsAuthenticated,)
    parser_classes = (JsonParser, parsers.MultiPartParser)
    serializer_class = SourceSerializer
    filter_backends = ()
    queryset = Source.objects.none()
    refusals = ("404",)

    def get_queryset(self):
        return Source.objects.for_user(self.request.user)

    @extend_schema(
        operation_id="sources_create",
        tags=["sources"],
        request={"multipart/form-data": SourceRequestSerializer, "application/json": SourceRequestSerializer},
        responses={201: SourceSerializer},
    )
    def post(self, request):
        """Take in a picture to start from. The same picture twice gives the same source."""
        asked = SourceRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        source = views_sources.take_in(request.user, given.pop("file", None), given)
        return Response(SourceSerializer(source).data, status=201)


@extend_schema(tags=["sources"])
class OneSource(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="sources_read", responses=SourceSerializer)
    def get(self, request, source_id):
        """One of one's own sources."""
        return Response(SourceSerializer(generics.get_object_or_404(self.mine(request), pk=source_id)).data)

    @extend_schema(operation_id="sources_delete", responses={204: None})
    def delete(self, request, source_id):
        """Remove a source that no job under way needs."""
        sources.discard(generics.get_object_or_404(self.mine(request), pk=source_id))
        return Response(status=204)

    def mine(self, request):
        return Source.objects.for_user(request.user)


class CropSerializer(serializers.Serializer):
    """A part of a source, in its pixels."""

    left = serializers.IntegerField(min_value=0)
    top = serializers.IntegerField(min_value=0)
    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)


@extend_schema(tags=["sources"])
class Crop(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="sources_crop", request=CropSerializer, responses={201: SourceSerializer})
    def post(self, request, source_id):
        """Make a source of a part of this one. The same part twice gives the same source."""
        source = generics.get_object_or_404(Source.objects.for_user(request.user), pk=source_id)
        asked = CropSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(SourceSerializer(sources.crop(source=source, **asked.validated_data)).data, status=201)


@extend_schema(tags=["sources"])
class SourceFile(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="sources_file", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request, source_id):
        """The PNG as it is kept."""
        generics.get_object_or_404(Source.objects.for_user(request.user), pk=source_id)
        request._request.user = request.user
        return views_sources.file(request._request, source_id)
