"""Jobs: what was asked of the generator, and how far it has got."""

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.models import Picture
from models_hub.models import ModelVersion


class JobQuerySet(models.QuerySet):
    def held(self):
        return self.filter(state=Job.State.HELD)

    def queued(self):
        return self.filter(state=Job.State.QUEUED)

    def running(self):
        return self.filter(state=Job.State.RUNNING)

    def active(self):
        return self.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING, Job.State.HELD])

    def expired(self):
        """Running jobs whose worker has not been heard of for a whole lease."""
        return self.running().filter(lease_until__lt=timezone.now())

    def held_by(self, token):
        """The job, while `token` holds it: every write of a worker goes through this filter."""
        return self.running().filter(lease_token=token)

    def for_user(self, user):
        return self.filter(owner=user)

    def with_details(self):
        """With everything that a card, a state or a render needs of a job."""
        return self.select_related(
            "version__card", "vae__card", "control__card", "source", "mask", "control_source"
        ).prefetch_related("loras__version__card", "embeddings__card", "results__picture")


class Job(models.Model):
    """One request for pictures. The row is the truth; queue, sockets and caches are hints about it."""

    class Kind(models.TextChoices):
        TXT2IMG = "txt2img", _("Text to picture")
        IMG2IMG = "img2img", _("Picture to picture")
        INPAINT = "inpaint", _("Inpaint")
        OUTPAINT = "outpaint", _("Outpaint")
        UPSCALE = "upscale", _("Enlarge")

    class State(models.TextChoices):
        HELD = "held", _("On hold")
        QUEUED = "queued", _("In the queue")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    class Stage(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        LOADING = "loading", _("Loading the model")
        DENOISING = "denoising", _("Drawing")
        DECODING = "decoding", _("Developing the picture")
        UPSCALING = "upscaling", _("Enlarging")
        CHECKING = "checking", _("Checking")
        SAVING = "saving", _("Saving")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", verbose_name=_("owner"))
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="jobs", verbose_name=_("model"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TXT2IMG)
    group = models.ForeignKey(
        "generation.JobGroup", models.CASCADE, null=True, blank=True, related_name="jobs", verbose_name=_("grid")
    )
    # Column and row in the grid, from 0.
    cell_x = models.PositiveSmallIntegerField(default=0, editable=False)
    cell_y = models.PositiveSmallIntegerField(default=0, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)

    prompt = models.TextField(_("prompt"))
    # As it was typed, where wildcards and choices have been resolved in `prompt`; empty when nothing was.
    prompt_asked = models.TextField(_("prompt as typed"), blank=True)
    negative_prompt = models.TextField(_("negative prompt"), blank=True)
    prefix = models.CharField(_("prompt prefix"), max_length=300, blank=True)
    negative_prefix = models.CharField(_("negative prompt prefix"), max_length=300, blank=True)
    # Resolved when the job is made; picture i has seed + i.
    seed = models.PositiveBigIntegerField(_("seed"))
    steps = models.PositiveSmallIntegerField(_("steps"))
    guidance = models.FloatField(_("guidance"))
    sampler = models.CharField(_("sampler"), max_length=40)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    count = models.PositiveSmallIntegerField(_("pictures"), default=1)
    upscale = models.PositiveSmallIntegerField(_("enlargement"), default=4)
    publish = models.BooleanField(_("publish when done"), default=False)

    # What a picture is made from: the source, the mask (white is drawn anew), how far to go from the source (0..1).
    source = models.ForeignKey(
        "generation.Source", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    mask = models.ForeignKey(
        "generation.Source", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("mask")
    )
    strength = models.FloatField(_("strength"), null=True, blank=True)
    # {"left", "right", "top", "bottom"}: pixels to add on each side.
    outpaint = models.JSONField(_("outpaint"), default=dict, blank=True)
    # Pixels over which the edge of a mask fades.
    mask_blur = models.PositiveSmallIntegerField(_("mask blur"), default=4)
    vae = models.ForeignKey(ModelVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="VAE")
    embeddings = models.ManyToManyField(ModelVersion, blank=True, related_name="+", verbose_name=_("embeddings"))
    control = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="ControlNet"
    )
    control_source = models.ForeignKey(
        "generation.Source", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("guide picture")
    )
    # What turns the guide picture into what the ControlNet reads: "none", "edges", "soft_edges", "pose".
    preprocessor = models.CharField(_("preprocessor"), max_length=20, blank=True)
    control_weight = models.FloatField(_("ControlNet weight"), default=1.0)
    # Text-encoder layers left out at the end, plus one, as AUTOMATIC1111 counts: 1 uses all.
    clip_skip = models.PositiveSmallIntegerField(_("clip skip"), default=1)

    # The picture whose recipe this one started from, for lineage.
    remix_of = models.ForeignKey(
        Picture, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("remix of")
    )
    is_variation = models.BooleanField(_("variation"), default=False)

    # Grids and batches wait behind what somebody sits in front of.
    is_bulk = models.BooleanField(_("bulk"), default=False)
    # The owner's own order: smaller is earlier. Microseconds of the submit until the owner moves it.
    position = models.BigIntegerField(_("position"), default=0)
    # Jobs of one key can be drawn in one call, whoever asked for them (generation.scheduling.batching).
    batch_key = models.CharField(max_length=64, blank=True, editable=False)

    idempotency_key = models.CharField(max_length=100, null=True, blank=True, editable=False)
    request_digest = models.CharField(max_length=64, blank=True, editable=False)

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    worker = models.CharField(_("worker"), max_length=80, blank=True)
    lease_token = models.UUIDField(_("lease"), null=True, editable=False)
    lease_until = models.DateTimeField(_("lease until"), null=True, editable=False)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.QUEUED)
    step = models.PositiveSmallIntegerField(_("step"), default=0)
    # Steps drawn in this attempt, those of all pictures together.
    drawn = models.PositiveIntegerField(_("steps drawn"), default=0, editable=False)
    # How many of its pictures were there already when it was submitted last: earlier attempts paid for those.
    begun_with = models.PositiveSmallIntegerField(default=0, editable=False)
    # What earlier attempts, ended by the owner, have cost since `created_at`'s day began: jobs, and pixel-steps.
    spent_jobs = models.PositiveIntegerField(default=0, editable=False)
    spent_work = models.PositiveBigIntegerField(default=0, editable=False)

    error_code = models.CharField(_("error"), max_length=40, blank=True)
    # A message id for the owner and what fills its places; the traceback goes to the log, never here.
    error_message = models.CharField(_("reason"), max_length=300, blank=True)
    error_params = models.JSONField(default=dict, blank=True, editable=False)
    # Seconds: {"queue", "load", "denoise", "decode", "upscale", "save"}.
    seconds = models.JSONField(default=dict, blank=True, editable=False)

    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = JobQuerySet.as_manager()

    # True on a job that an earlier request with the same idempotency key had made.
    replayed = False

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state", "created_at"], name="job_queue"),
            models.Index(fields=["state", "lease_until"], name="job_leases"),
            models.Index(fields=["owner", "-created_at", "-id"], name="job_mine"),
            models.Index(fields=["owner", "-started_at"], name="job_last_start"),
            models.Index(fields=["owner", "state"], name="job_under_way"),
            models.Index(fields=["state", "batch_key"], name="job_batch"),
            # The speed of a model at a size, from its latest jobs.
            models.Index(fields=["version", "state", "-finished_at"], name="job_speed"),
            models.Index(fields=["group", "cell_y", "cell_x"], name="job_cells"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["owner", "idempotency_key"], name="one_job_per_key"),
        ]

    def __str__(self):
        return f"{self.prompt[:40]} ({self.get_state_display()})"

    def get_absolute_url(self):
        return reverse("generation:job", args=[self.pk])

    @property
    def is_over(self):
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def failure(self):
        """Why it failed, in the reader's language."""
        return gettext(self.error_message) % self.error_params if self.error_message else ""

    def picture_id(self, index):
        """The id of picture `index`, the same at every attempt: a second delivery overwrites, it never adds."""
        return uuid.uuid5(self.pk, str(index))


class JobLora(models.Model):
    """A LoRA that a job applies, and how strongly."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="loras", verbose_name=_("job"))
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="+", verbose_name=_("LoRA"))
    weight = models.FloatField(_("weight"), default=1.0)

    class Meta:
        verbose_name = _("LoRA of a job")
        verbose_name_plural = _("LoRAs of a job")
        constraints = [models.UniqueConstraint(fields=["job", "version"], name="one_lora_each")]

    def __str__(self):
        return f"{self.version} × {self.weight}"


class Result(models.Model):
    """Picture `index` of a job. The pair is unique, so that no delivery can add a picture twice."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="results", verbose_name=_("job"))
    index = models.PositiveSmallIntegerField(_("number"))
    picture = models.OneToOneField(Picture, models.CASCADE, related_name="result", verbose_name=_("picture"))

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="one_picture_per_index")]
        ordering = ["index"]

    def __str__(self):
        return f"{self.job_id} #{self.index}"
