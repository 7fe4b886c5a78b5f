"""The gallery for programs. What people do with others' pictures is in social.api."""

import django_filters
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import exceptions, generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery import file_views, pngmeta, services
from gallery.forms import MineForm
from gallery.models import PREVIEW_WIDTHS, Picture, Recipe
from visionary.common import guest_pages
from visionary.common.pagination import NewestFirst


class RecipeSerializer(serializers.ModelSerializer):
    """Everything needed to make a picture again."""

    model = serializers.CharField(source="version.card.slug", default=None, allow_null=True)
    loras = serializers.ListField(child=serializers.DictField())
    facts = serializers.DictField()
    resources = serializers.ListField(child=serializers.DictField())
    parameters = serializers.SerializerMethodField(help_text="As AUTOMATIC1111 writes it into files")

    class Meta:
        model = Recipe
        fields = ["model", "model_name", "model_sha256", "prompt", "negative_prompt", "prefix", "negative_prefix"]
        fields += ["seed", "steps", "guidance", "sampler", "width", "height", "upscale", "loras", "facts", "parameters"]
        fields += ["kind", "strength", "clip_skip", "prompt_asked", "resources"]

    def get_parameters(self, recipe) -> str:
        return pngmeta.parameters_text(vars(recipe))


class PictureSerializer(serializers.ModelSerializer):
    """A picture; its bytes are at `/api/pictures/{id}/file/`, also for pictures that only their owner sees."""

    owner = serializers.CharField(source="owner.username")
    url = serializers.CharField(source="get_absolute_url")
    alt = serializers.CharField()
    small_url = serializers.CharField()
    medium_url = serializers.CharField()
    file_url = serializers.CharField()
    recipe = RecipeSerializer(allow_null=True, default=None)

    class Meta:
        model = Picture
        fields = [
            "id",
            "title",
            "alt",
            "owner",
            "visibility",
            "is_hidden",
            "likes",
            "width",
            "height",
            "size",
            "sha256",
        ]
        fields += ["placeholder", "url", "small_url", "medium_url", "file_url"]
        fields += ["created_at", "published_at", "recipe"]


class PictureFilter(django_filters.FilterSet):
    model = django_filters.CharFilter(field_name="card__slug", max_length=100, label="Slug of a model")
    by = django_filters.CharFilter(field_name="owner__username", max_length=30, label="Username")

    class Meta:
        model = Picture
        fields = ["model", "by"]


class FeedOrder(NewestFirst):
    """Newest or most liked first."""

    orders = {"new": "published_at", "top": "likes"}

    def get_order(self, request):
        sort = request.query_params.get("sort", "new")
        if sort not in self.orders:
            raise exceptions.ValidationError({"sort": [_("Choose new or top.")]})
        return self.orders[sort]

    def get_schema_operation_parameters(self, view):
        sort = {"type": "string", "enum": list(self.orders), "default": "new"}
        return [*super().get_schema_operation_parameters(view), {"name": "sort", "in": "query", "schema": sort}]


@extend_schema_view(get=extend_schema(operation_id="pictures_list", tags=["pictures"]))
@method_decorator(guest_pages.remembered, name="dispatch")
class Pictures(generics.ListAPIView):
    """Everybody's published pictures."""

    serializer_class = PictureSerializer
    pagination_class = FeedOrder
    filterset_class = PictureFilter
    queryset = Picture.objects.published().with_details()


SHOWN = ["private", "published", "liked", "trash"]
SHOW = OpenApiParameter("show", str, enum=SHOWN, description="All without it")


@extend_schema_view(get=extend_schema(operation_id="pictures_mine", tags=["pictures"], parameters=[SHOW]))
class MyPictures(generics.ListAPIView):
    """The reader's own pictures, newest first."""

    permission_classes = (permissions.IsAuthenticated,)
    serializer_class = PictureSerializer
    filter_backends = ()
    queryset = Picture.objects.none()

    def get_queryset(self):
        form = MineForm(self.request.query_params)
        if not form.is_valid():
            raise exceptions.ValidationError({"show": form.errors["show"]})
        return form.pictures(self.request.user).with_details()


def visible(request, picture_id):
    return get_object_or_404(Picture.objects.visible_to(request.user).with_details(), pk=picture_id)


@extend_schema(tags=["pictures"])
class OnePicture(APIView):
    @extend_schema(operation_id="pictures_read", responses=PictureSerializer)
    def get(self, request, picture_id):
        """One picture with its recipe."""
        return Response(PictureSerializer(visible(request, picture_id)).data)

    @extend_schema(operation_id="pictures_delete", responses={204: None})
    def delete(self, request, picture_id):
        """Put a picture of one's own in the trash."""
        services.trash(picture=visible(request, picture_id), by=request.user)
        return Response(status=204)


WIDTH = OpenApiParameter(
    "width", int, enum=PREVIEW_WIDTHS, description="A preview (WebP) of this width, if there is one"
)


@extend_schema(tags=["pictures"])
class PictureFile(APIView):
    @extend_schema(
        operation_id="pictures_file",
        parameters=[WIDTH],
        responses={(200, "image/png"): OpenApiTypes.BINARY, (200, "image/webp"): OpenApiTypes.BINARY},
    )
    def get(self, request, picture_id):
        """The picture itself: the original PNG with its recipe inside, or a preview."""
        width = request.query_params.get("width")
        if width is None:
            return file_views.file(request._request, picture_id)
        if width not in map(str, PREVIEW_WIDTHS):
            raise exceptions.ValidationError({"width": [_("Choose one of the preview widths.")]})
        return file_views.preview(request._request, picture_id, int(width))


class Deed(APIView):
    """A change of one's own picture by a service of the pages."""

    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    def do(self, request, picture_id, service):
        mine = Picture.objects.visible_to(request.user) | Picture.objects.for_owner_with_trash(request.user)
        picture = get_object_or_404(mine.with_details(), pk=picture_id)
        return Response(PictureSerializer(service(picture=picture, by=request.user)).data)


@extend_schema(tags=["pictures"], request=None, responses={200: PictureSerializer})
class Publish(Deed):
    @extend_schema(operation_id="pictures_publish")
    def post(self, request, picture_id):
        """Show a picture of one's own in the gallery."""
        return self.do(request, picture_id, services.publish)


@extend_schema(tags=["pictures"], request=None, responses={200: PictureSerializer})
class Unpublish(Deed):
    @extend_schema(operation_id="pictures_unpublish")
    def post(self, request, picture_id):
        """Take a picture of one's own out of the gallery."""
        return self.do(request, picture_id, services.unpublish)


@extend_schema(tags=["pictures"], request=None, responses={200: PictureSerializer})
class Restore(Deed):
    @extend_schema(operation_id="pictures_restore")
    def post(self, request, picture_id):
        """Take a picture of one's own out of the trash."""
        return self.do(request, picture_id, services.restore)
