"""What of the generator goes into the archive of a user's own, and what happens to it when they leave."""

from django.db import transaction

from accounts import deletion, exporting
from generation.asking import sources
from generation.models import Job, JobGroup, Preset, SavedPrompt, Source

JOB = ("id", "kind", "state", "version__card__slug", "prompt", "prompt_asked", "negative_prompt", "seed", "steps")
JOB += ("guidance", "sampler", "width", "height", "count", "upscale", "strength", "group_id", "created_at")
BATCH = 200


def register():
    exporting.register("generation.Job", jobs)
    exporting.register("generation.JobGroup", grids)
    exporting.register("generation.Source", source_pictures)
    exporting.register("generation.Preset", presets)
    exporting.register("generation.SavedPrompt", prompts)
    # First: jobs hold on to versions of models, which are deleted after them.
    deletion.on_delete.insert(0, remove)


def jobs(archive, user):
    archive.json("jobs.json", Job.objects.filter(owner=user).order_by("created_at").values(*JOB).iterator())


def grids(archive, user):
    rows = JobGroup.objects.filter(owner=user)
    archive.json("grids.json", rows.values("id", "title", "x_axis", "y_axis", "created_at").iterator())


def source_pictures(archive, user):
    rows = Source.objects.filter(owner=user).order_by("created_at")
    archive.json("sources.json", rows.values("id", "role", "width", "height", "sha256", "created_at").iterator())
    for row in rows.iterator():
        archive.file(f"sources/{row.pk}.png", row.path)


def presets(archive, user):
    archive.json("presets.json", Preset.objects.filter(owner=user).values("name", "values", "created_at").iterator())


def prompts(archive, user):
    rows = SavedPrompt.objects.filter(owner=user)
    archive.json("prompts.json", rows.values("text", "negative", "is_favourite", "uses", "used_at").iterator())


def remove(user):
    """Jobs, grids and sources with their files, some hundred at a time."""
    while batch := list(Job.objects.filter(owner=user).values_list("pk", flat=True)[:BATCH]):
        Job.objects.filter(pk__in=batch).delete()
    JobGroup.objects.filter(owner=user).delete()
    while rows := list(Source.objects.filter(owner=user)[:BATCH]):
        with transaction.atomic():
            sources.remove(rows)
