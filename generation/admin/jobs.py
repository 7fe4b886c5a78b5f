"""Jobs in the back office: followed, cancelled, tried again; what was asked for cannot be changed."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action, display

from gallery.admin import picture_thumbnail
from generation import services
from generation.models import Job, JobLora, Result
from visionary.common.back_office import FixedAdmin, FixedInline

COLOURS = {"queued": "info", "running": "primary", "done": "success", "failed": "danger", "cancelled": "warning"}

SUMMARY = ["id", "owner", "state", "progress", "attempts", "took", "created_at"]
ASKED = ["version", "prompt", "negative_prompt", "prefix", "negative_prefix", "seed", "steps", "guidance", "sampler"]
ASKED += ["width", "height", "count", "upscale", "publish", "idempotency_key", "kind", "group", "prompt_asked"]
ASKED += ["source", "mask", "strength", "outpaint", "mask_blur", "vae", "embeddings", "control", "control_source"]
ASKED += ["preprocessor", "control_weight", "clip_skip", "remix_of", "is_variation", "is_bulk", "position"]
WENT = ["worker", "lease", "lease_token", "stage", "step", "error_code", "reason", "seconds"]
WENT += ["started_at", "finished_at"]


class LoraInline(FixedInline):
    model = JobLora
    fields = ["version", "weight"]


class ResultInline(FixedInline):
    model = Result
    fields = ["index", "shown", "picture"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("picture__recipe")

    @display(description=gettext_lazy("picture"))
    def shown(self, result):
        return picture_thumbnail(result.picture)


@admin.register(Job)
class JobAdmin(FixedAdmin):
    list_display = ["words", "coloured_state", "owner", "version", "progress", "attempts", "lease", "took", "reason"]
    list_display += ["created_at"]
    list_filter = ["state", "kind", "is_bulk", "created_at", "version__card", "error_code"]
    list_select_related = ["owner", "version__card"]
    search_fields = ["id", "prompt", "owner__username"]
    date_hierarchy = "created_at"
    actions = ["cancel", "retry"]
    actions_submit_line = ["cancel_this", "retry_this"]
    inlines = [LoraInline, ResultInline]
    fieldsets = [
        (None, {"fields": SUMMARY}),
        (gettext_lazy("What was asked for"), {"fields": ASKED}),
        (gettext_lazy("How it went"), {"fields": WENT}),
    ]
    readonly_fields = [*SUMMARY, *ASKED, *WENT]

    def get_actions_submit_line(self, request, object_id):
        """Only the button that fits the job's state."""
        job = self.get_object(request, object_id)  # None for what is no id at all
        unfit = "retry_this" if job and not job.is_over else "cancel_this"
        return [
            one for one in super().get_actions_submit_line(request, object_id) if not one.action_name.endswith(unfit)
        ]

    @display(description=gettext_lazy("prompt"))
    def words(self, job):
        return job.prompt[:50]

    @display(description=gettext_lazy("state"), ordering="state", label=COLOURS)
    def coloured_state(self, job):
        return job.state, job.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress(self, job):
        if job.state != Job.State.RUNNING:
            return "–"
        return f"{job.get_stage_display()} {job.step}/{job.steps}"

    @display(description=gettext_lazy("lease"), ordering="lease_until")
    def lease(self, job):
        """How long the worker that holds the job has not been heard of, or has left."""
        if job.state != Job.State.RUNNING or job.lease_until is None:
            return "–"
        left = (job.lease_until - timezone.now()).total_seconds()
        return _("%(seconds)d s left") % {"seconds": left} if left >= 0 else _("expired")

    @display(description=gettext_lazy("seconds"))
    def took(self, job):
        total = sum(value for name, value in job.seconds.items() if name != "queue")
        return f"{total:.1f}" if total else "–"

    @display(description=gettext_lazy("error"))
    def reason(self, job):
        return job.failure[:80] or "–"

    @admin.action(description=gettext_lazy("Cancel"), permissions=["change"])
    def cancel(self, request, jobs):
        self.each(request, jobs, lambda job: services.cancel_job(job=job, by=request.user), _("%(number)d cancelled."))

    @admin.action(description=gettext_lazy("Try again"), permissions=["change"])
    def retry(self, request, jobs):
        self.each(
            request, jobs, lambda job: services.retry_job(job=job, by=request.user), _("%(number)d queued again.")
        )

    @action(description=gettext_lazy("Cancel"), permissions=["change"])
    def cancel_this(self, request, job):
        self.cancel(request, [job])

    @action(description=gettext_lazy("Try again"), permissions=["change"])
    def retry_this(self, request, job):
        self.retry(request, [job])
