"""Likes for programs."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery.models import Picture
from models_hub import shelf
from social import services


class LikesSerializer(serializers.Serializer):
    """How many like a picture or a model, and whether the reader does."""

    likes = serializers.IntegerField()
    liked = serializers.BooleanField()


@extend_schema(tags=["pictures"])
class Like(APIView):
    scope = "publish"
    refusals = ("403",)
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="pictures_like", request=None, responses={200: LikesSerializer})
    def post(self, request, picture_id):
        """Like a picture; twice counts once."""
        return self.set_like(request, picture_id, services.like, True)

    @extend_schema(operation_id="pictures_unlike", responses={200: LikesSerializer})
    def delete(self, request, picture_id):
        """Take a like back."""
        return self.set_like(request, picture_id, services.unlike, False)

    def set_like(self, request, picture_id, service, liked):
        picture = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
        return Response({"likes": service(picture=picture, by=request.user), "liked": liked})


@extend_schema(tags=["models"])
class LikeModel(APIView):
    scope = "publish"
    refusals = ("403",)
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="models_like", request=None, responses={200: LikesSerializer})
    def post(self, request, slug):
        """Like a model; twice counts once."""
        return self.set_like(request, slug, services.like_model, True)

    @extend_schema(operation_id="models_unlike", responses={200: LikesSerializer})
    def delete(self, request, slug):
        """Take a like of a model back."""
        return self.set_like(request, slug, services.unlike_model, False)

    def set_like(self, request, slug, service, liked):
        card = get_object_or_404(shelf.readable(request.user), slug=slug)
        return Response({"likes": service(card=card, by=request.user), "liked": liked})
