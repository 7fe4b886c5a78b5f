"""What the generator does with pictures of the site, for programs: again, varied, and where they come from."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from gallery import lineage
from gallery.api import PictureSerializer
from gallery.models import Derivation, Picture
from generation.api import jobs
from generation.api.fields import StateSerializer
from generation.recipes import reruns
from generation.views.reruns import with_recipe
from visionary.common import limits


class PlanSerializer(serializers.Serializer):
    """Sentences: what would differ, and what makes it impossible."""

    differences = serializers.ListField(child=serializers.CharField())
    obstacles = serializers.ListField(child=serializers.CharField())


class OriginSerializer(serializers.Serializer):
    """`picture` is null where the reader may not see it, or where it is gone."""

    role = serializers.ChoiceField(choices=Derivation.Role.choices)
    label = serializers.CharField()
    picture = PictureSerializer(allow_null=True)


class Deed(APIView):
    """Queues a job from a picture."""

    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409", "422")

    def do(self, request, picture_id, service):
        limits.count("submit", str(request.user.pk), **jobs.SUBMITS_PER_USER)
        key = jobs.idempotency_key(request)
        picture = with_recipe(request.user, picture_id)
        job = service(picture=picture, by=request.user, idempotency_key=key)
        return Response(jobs.state(job), status=200 if job.replayed else 201)


ANSWERS = {201: StateSerializer, 200: StateSerializer}


@extend_schema(tags=["pictures"])
class Rerun(Deed):
    @extend_schema(operation_id="pictures_rerun_read", responses=PlanSerializer)
    def get(self, request, picture_id):
        """What would differ if the picture were made again now."""
        picture = with_recipe(request.user, picture_id)
        return Response(PlanSerializer(reruns.plan(picture.recipe, request.user)).data)

    @extend_schema(operation_id="pictures_rerun", request=None, parameters=[jobs.KEY_HEADER], responses=ANSWERS)
    def post(self, request, picture_id):
        """Make a picture again with its exact seed and settings."""
        return self.do(request, picture_id, reruns.rerun)


@extend_schema(tags=["pictures"])
class Variations(Deed):
    @extend_schema(operation_id="pictures_vary", request=None, parameters=[jobs.KEY_HEADER], responses=ANSWERS)
    def post(self, request, picture_id):
        """Four variations of a picture that may be started from."""
        return self.do(request, picture_id, reruns.vary)


@extend_schema_view(get=extend_schema(operation_id="pictures_remixes", tags=["pictures"]))
class Remixes(generics.ListAPIView):
    """What was made from a picture, as far as the reader may see it, newest first."""

    serializer_class = PictureSerializer
    filter_backends = ()
    queryset = Picture.objects.none()
    refusals = ("404",)

    def get_queryset(self):
        user = self.request.user
        picture = get_object_or_404(Picture.objects.visible_to(user), pk=self.kwargs["picture_id"])
        return lineage.derived_from(picture, user).with_details()


@extend_schema(tags=["pictures"])
class Origins(APIView):
    @extend_schema(operation_id="pictures_origins", responses=OriginSerializer(many=True))
    def get(self, request, picture_id):
        """What a picture was made from."""
        picture = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
        return Response(OriginSerializer(lineage.made_from(picture, request.user, whole=True), many=True).data)
