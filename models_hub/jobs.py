"""What the small-jobs worker does for models: inspection, and looking after what got stuck."""

import logging
from datetime import timedelta

import django_rq
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from models_hub import judging, states
from models_hub.inspection import BadFile, sandbox
from models_hub.inspection.digests import digests
from models_hub.models import ModelFile, ModelVersion

logger = logging.getLogger(__name__)
INSPECT = "models_hub.jobs.inspect_file"
# A file that has waited this long for its inspection has lost its ticket, or the worker that took it.
STALE = timedelta(minutes=10)
ROUND = 100
# Hashing 20 GB from a slow disk takes its time; the queue's own limit is for small jobs.
SECONDS = 3600


def inspect_file(file_id):
    """Look at one file and say what it is. A second delivery finds nothing pending and returns.

    Nothing is kept of an inspection that was killed half-way, so the next one starts anew.
    """
    file = ModelFile.objects.select_related("version__card").filter(pk=file_id, state=ModelFile.State.PENDING).first()
    if file is None:
        return
    states.begin_inspection(file.version)
    hashes, facts, refused = look(file)
    with transaction.atomic():
        # Locked: the owner may be changing the version, and two deliveries may end at the same time.
        ModelVersion.objects.select_for_update().get(pk=file.version_id)
        file = (
            ModelFile.objects.select_related("version__card").filter(pk=file_id, state=ModelFile.State.PENDING).first()
        )
        if file is None:
            return
        judging.note(file, hashes, facts, refused)
        states.end_inspection(file.version)


def look(file):
    """(hashes, facts, BadFile or None) of what lies in quarantine. Reads the file twice, writes nothing."""
    try:
        with file.full_path.open("rb") as stream:
            hashes = digests(stream, safetensors=file.name.lower().endswith(".safetensors"))
            size = stream.tell()
    except FileNotFoundError:
        return {}, {}, BadFile("missing", file=file.name)
    if size != file.size:
        return hashes, {}, BadFile("changed", file=file.name)
    try:
        return hashes, sandbox.examine(file.full_path, file.name, file.role), judging.forbidden(file, hashes)
    except BadFile as error:
        return hashes, {}, error


def order(file_id):
    """A ticket for the small-jobs worker. Without Redis nothing is lost: `sweep` orders it again."""
    try:
        django_rq.get_queue("small").enqueue(INSPECT, file_id, result_ttl=0, job_timeout=SECONDS)
    except RedisError as error:
        logger.warning("no inspection of file %s could be ordered (%s)", file_id, error)


def sweep(now=None):
    """Order again what waits for inspection for too long, and settle versions whose last step was lost.

    Returns how many inspections were ordered.
    """
    before = (now or timezone.now()) - STALE
    pending = ModelFile.objects.filter(state=ModelFile.State.PENDING, inspected_at=None)
    stale = pending.exclude(uploads__updated_at__gte=before)
    keys = list(stale.order_by("pk").values_list("pk", flat=True).distinct()[:ROUND])
    for key in keys:
        order(key)
    done = ModelVersion.objects.filter(status=ModelVersion.Status.INSPECTING)
    for version in done.exclude(files__state=ModelFile.State.PENDING)[:ROUND]:
        states.end_inspection(version)
    return len(keys)


def purge():
    """Empty the trash of what has been in it for 30 days."""
    return states.purge_due()
