"""X/Y grids for programs."""

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from generation.api import jobs as job_api
from generation.api.fields import JobRequestSerializer, StatePictureSerializer
from generation.grids import axes, grids
from generation.models import Job, JobGroup
from generation.views.grids import SHEETS_PER_USER, answer, counted
from visionary.common import limits


class AxisRequestSerializer(serializers.Serializer):
    """What changes, and its values as one types them: "10, 20", "10-30:10", "red => green, blue"."""

    name = serializers.ChoiceField(choices=list(axes.NAMES))
    values = serializers.CharField(max_length=axes.MAX_TEXT)

    def validate(self, asked):
        return asked["name"], asked["values"]


class GridRequestSerializer(JobRequestSerializer):
    """A request for a job, with one or two axes. Each cell is one picture."""

    x = AxisRequestSerializer()
    y = AxisRequestSerializer(required=False, allow_null=True)
    title = serializers.CharField(max_length=grids.MAX_TITLE, required=False, allow_blank=True)

    def validate(self, asked):
        asked = super().validate(asked)
        return asked | {"y": asked.get("y") or ("", "")}


class AxisSerializer(serializers.Serializer):
    name = serializers.CharField()
    values = serializers.ListField()
    labels = serializers.ListField(child=serializers.CharField())


class CellSerializer(serializers.Serializer):
    """One job of a grid at column `x`, row `y`, from 0."""

    job = serializers.UUIDField()
    x = serializers.IntegerField()
    y = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    state_label = serializers.CharField()
    percent = serializers.IntegerField()
    preview = serializers.CharField(allow_null=True)
    picture = StatePictureSerializer(allow_null=True)
    error = serializers.CharField(allow_null=True)
    url = serializers.CharField()


class GridStateSerializer(serializers.Serializer):
    """Describes generation.grids.grids.state."""

    grid = serializers.UUIDField()
    title = serializers.CharField()
    x = AxisSerializer()
    y = AxisSerializer(allow_null=True)
    cells = CellSerializer(many=True)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    is_over = serializers.BooleanField()


class GridSerializer(serializers.ModelSerializer):
    """A grid in a list: `done` of its `total` cells are over."""

    url = serializers.CharField(source="get_absolute_url")
    done = serializers.IntegerField()
    total = serializers.IntegerField()

    class Meta:
        model = JobGroup
        fields = ["id", "title", "url", "done", "total", "created_at"]


def own(request, grid_id):
    return get_object_or_404(JobGroup, pk=grid_id, owner=request.user)


@extend_schema_view(get=extend_schema(operation_id="grids_list", tags=["grids"]))
class Grids(generics.ListAPIView):
    """The reader's own grids, newest first."""

    permission_classes = (permissions.IsAuthenticated,)
    serializer_class = GridSerializer
    filter_backends = ()
    queryset = JobGroup.objects.none()
    refusals = ("409", "422")

    def get_queryset(self):
        return counted(self.request.user)

    @extend_schema(
        operation_id="grids_create",
        tags=["grids"],
        parameters=[job_api.KEY_HEADER],
        request=GridRequestSerializer,
        responses={201: GridStateSerializer, 200: GridStateSerializer},
    )
    def post(self, request):
        """Ask for every pair of two settings' values: all cells, or none. 200: an earlier request with this key."""
        limits.count("submit", str(request.user.pk), **job_api.SUBMITS_PER_USER)
        key = job_api.idempotency_key(request)
        asked = GridRequestSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        grid = grids.submit_grid(owner=request.user, idempotency_key=key, **asked.validated_data)
        return Response(grids.state(grid), status=200 if grid.replayed else 201)


@extend_schema(tags=["grids"])
class OneGrid(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="grids_read", responses=GridStateSerializer)
    def get(self, request, grid_id):
        """A grid with the state of every cell."""
        return Response(grids.state(own(request, grid_id)))


@extend_schema(tags=["grids"])
class CancelGrid(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="grids_cancel", request=None, responses=GridStateSerializer)
    def post(self, request, grid_id):
        """Cancel every cell that is not over."""
        grid = own(request, grid_id)
        grids.cancel_grid(grid=grid, by=request.user)
        return Response(grids.state(grid))


@extend_schema(tags=["grids"])
class GridSheet(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("429",)

    @extend_schema(operation_id="grids_sheet", responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request, grid_id):
        """All cells as one labelled PNG."""
        found = own(request, grid_id)
        limits.count("sheet", str(request.user.pk), **SHEETS_PER_USER)
        return answer(found)
