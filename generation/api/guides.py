"""What a ControlNet would read of a source, for programs."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.asking import guides
from generation.models import Source
from generation.views import guides as pages


class GuideSerializer(serializers.Serializer):
    """How far the guide is; `url` is empty until it is drawn, `message` says why it failed."""

    state = serializers.ChoiceField(choices=[guides.DRAWING, guides.DONE, guides.FAILED])
    message = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)


def own(request, source_id):
    return generics.get_object_or_404(Source.objects.for_user(request.user), pk=source_id)


def answer(source, preprocessor, found):
    told = pages.described(source, preprocessor, found, name="api:source-guide-file")
    return Response(GuideSerializer(told).data, status=200 if found["state"] != guides.DRAWING else 202)


@extend_schema(tags=["sources"], request=None, responses={200: GuideSerializer, 202: GuideSerializer})
class Guide(APIView):
    """The guide that `preprocessor` (edges, soft_edges or pose) makes of a source."""

    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("503",)

    @extend_schema(operation_id="sources_guide_read")
    def get(self, request, source_id, preprocessor):
        """How far it is. 200: drawn, or failed. 202: not drawn yet."""
        source = own(request, source_id)
        return answer(source, preprocessor, guides.look(source, preprocessor))

    @extend_schema(operation_id="sources_guide_draw")
    def post(self, request, source_id, preprocessor):
        """Have it drawn, unless it is there."""
        source = own(request, source_id)
        return answer(source, preprocessor, guides.ask(source=source, preprocessor=preprocessor))


@extend_schema(tags=["sources"])
class GuideFile(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="sources_guide_file", responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def get(self, request, source_id, preprocessor):
        """The guide as a WebP; 404 until it is drawn."""
        return pages.shown(own(request, source_id), preprocessor)
