"""The generator for programs: the same services, limits and state as the pages."""

import re

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from generation import services
from generation.api.fields import (
    JobRequestSerializer,
    JobSerializer,
    MoveSerializer,
    RuleSerializer,
    SamplerSerializer,
    StateSerializer,
)
from generation.asking import drafts
from generation.engine.samplers import SAMPLERS
from generation.models import Job
from generation.scheduling import quotas, what_if
from generation.watching import progress
from visionary.common import limits
from visionary.common.exceptions import DomainError

# The number of jobs under way is bounded besides (MAX_ACTIVE_JOBS); this bounds the asking.
SUBMITS_PER_USER = {"most": 240, "seconds": 60}
KEY = re.compile(r"[\x21-\x7e]{1,100}")
KEY_HEADER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    pattern=r"^[!-~]{1,100}$",
    description="Any text of your choice, up to 100 characters: the same key again gives the same job, never a second.",
)


def state(job):
    """The state that sockets and polling send, and what was asked for."""
    return progress.snapshot(job) | {"request": JobSerializer(job).data}


def own(request, job_id):
    return get_object_or_404(Job.objects.for_user(request.user).with_details(), pk=job_id)


@extend_schema_view(
    get=extend_schema(
        operation_id="jobs_list",
        tags=["jobs"],
        responses=JobSerializer(many=True),
        parameters=[OpenApiParameter("state", str, enum=Job.State.values)],
    )
)
class Jobs(generics.ListAPIView):
    """The reader's own jobs, newest first."""

    permission_classes = (permissions.IsAuthenticated,)
    serializer_class = JobSerializer
    filter_backends = ()
    queryset = Job.objects.none()
    refusals = ("409", "422")

    def get_queryset(self):
        jobs = Job.objects.for_user(self.request.user).with_details()
        wanted = self.request.query_params.get("state")
        if wanted is None:
            return jobs
        if wanted not in Job.State.values:
            raise DomainError(_("state: there is no such state of a job."), code="bad_value", field="state")
        return jobs.filter(state=wanted)

    @extend_schema(
        operation_id="jobs_create",
        tags=["jobs"],
        parameters=[KEY_HEADER],
        request=JobRequestSerializer,
        responses={201: StateSerializer, 200: StateSerializer},
    )
    def post(self, request):
        """Ask for pictures. A prompt alone is a whole request; the rest comes from the model's recommended settings.

        201: a new job. 200: the job that an earlier request with the same Idempotency-Key has made.
        """
        limits.count("submit", str(request.user.pk), **SUBMITS_PER_USER)
        key = idempotency_key(request)
        asked = JobRequestSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        job = services.submit_job(owner=request.user, idempotency_key=key, **asked.validated_data)
        return Response(state(job), status=200 if getattr(job, "replayed", False) else 201)


class EstimateSerializer(serializers.Serializer):
    """Seconds until such a job would start (`wait`) and that it would take; null where nobody can say."""

    wait = serializers.FloatField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why it could not start as things are")


class Estimate(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(
        operation_id="jobs_estimate", tags=["jobs"], request=JobRequestSerializer, responses=EstimateSerializer
    )
    def post(self, request):
        """How long a request would take, checked like one; nothing is queued."""
        limits.count("estimate", str(request.user.pk), **SUBMITS_PER_USER)
        asked = JobRequestSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        draft = drafts.draft(owner=request.user, **asked.validated_data)
        found = what_if.of(request.user, draft.fields["version"], draft.fields)
        return Response(EstimateSerializer(found).data)


def idempotency_key(request):
    """The request's key, or None. Raises DomainError for one that cannot be kept."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        message = _("Idempotency-Key: use 1 to 100 ASCII characters without spaces.")
        raise DomainError(message, code="bad_value", field="Idempotency-Key")
    return key


@extend_schema(tags=["jobs"])
class OneJob(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="jobs_read", responses=StateSerializer)
    def get(self, request, job_id):
        """How far a job has got, and its pictures once they are there."""
        return Response(state(own(request, job_id)))


@extend_schema(tags=["jobs"], request=None, responses={200: StateSerializer})
class Cancel(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="jobs_cancel")
    def post(self, request, job_id):
        """Stop a waiting or running job."""
        return Response(state(services.cancel_job(job=own(request, job_id), by=request.user)))


@extend_schema(tags=["jobs"], request=None, responses={200: StateSerializer})
class Retry(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="jobs_retry")
    def post(self, request, job_id):
        """Put a failed or cancelled job back in the queue."""
        return Response(state(services.retry_job(job=own(request, job_id), by=request.user)))


@extend_schema(tags=["jobs"], request=None, responses={200: StateSerializer})
class Hold(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="jobs_hold")
    def post(self, request, job_id):
        """Keep a waiting job from starting until it is released."""
        return Response(state(services.hold_job(job=own(request, job_id), by=request.user)))


@extend_schema(tags=["jobs"], request=None, responses={200: StateSerializer})
class Release(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="jobs_release")
    def post(self, request, job_id):
        """Send a held job back to the queue."""
        return Response(state(services.release_job(job=own(request, job_id), by=request.user)))


@extend_schema(tags=["jobs"])
class Move(APIView):
    permission_classes = (permissions.IsAuthenticated,)
    refusals = ("409",)

    @extend_schema(operation_id="jobs_move", request=MoveSerializer, responses={200: StateSerializer})
    def post(self, request, job_id):
        """Put a waiting job before another of one's own, or at the end."""
        asked = MoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        before = asked.validated_data["before"]
        before = own(request, before) if before else None
        return Response(state(services.move_job(job=own(request, job_id), before=before, by=request.user)))


@extend_schema(tags=["jobs"])
class Quota(APIView):
    permission_classes = (permissions.IsAuthenticated,)

    @extend_schema(operation_id="quota_read", responses=RuleSerializer(many=True))
    def get(self, request):
        """How much one may ask for, and how much of it is used."""
        return Response(quotas.usage(request.user))


@extend_schema(tags=["models"])
class Samplers(APIView):
    @extend_schema(operation_id="samplers_list", responses=SamplerSerializer(many=True))
    def get(self, request):
        """The samplers that a job may name."""
        return Response([{"slug": one.slug, "label": one.label} for one in SAMPLERS.values()])
