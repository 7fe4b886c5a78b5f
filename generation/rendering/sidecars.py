"""Sidecars follow the models: written when a checkpoint is offered, before anybody asks for it, forgotten with it.

The work is done by the small-jobs worker; torch is imported only when there is a checkpoint to convert. What reaches
neither the hub's hook nor a signal (a bare `update()`) gets its sidecar at first use.
"""

import logging
from functools import partial

import django_rq
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from redis.exceptions import RedisError

from generation.engine import originals
from generation.engine.errors import EngineError
from generation.recipes import specs
from models_hub import states
from models_hub.models import ModelCard, ModelVersion
from visionary.common import periodic

logger = logging.getLogger(__name__)
PREPARE, SWEEP = "generation.rendering.sidecars.prepare", "generation.rendering.sidecars.sweep"
# For what Redis has lost, and for rows that were deleted behind Django's back.
SWEEP_SECONDS = 86400
CHECKPOINT = ModelCard.Kind.CHECKPOINT


def connect():
    """Listen to the hub, which knows nothing of the generator."""
    post_save.connect(version_saved, sender=ModelVersion, dispatch_uid="sidecars of versions")
    post_save.connect(card_saved, sender=ModelCard, dispatch_uid="sidecars of cards")
    states.on_published.append(version_published)
    post_delete.connect(version_deleted, sender=ModelVersion, dispatch_uid="sidecars of the gone")
    periodic.every(SWEEP_SECONDS, SWEEP)


def version_saved(sender, instance, raw=False, update_fields=None, **kwargs):
    """A version was added, approved, or has got its weights."""
    if raw or not concerns(update_fields, {"status", "sha256", "path", "card"}):
        return
    if instance.sha256 and instance.status == ModelVersion.Status.PUBLISHED and instance.card.kind == CHECKPOINT:
        transaction.on_commit(partial(order, PREPARE, instance.pk))


def version_published(version):
    """A moderator or a trusted owner has published it."""
    if version.card.kind == CHECKPOINT:
        order(PREPARE, version.pk)


def card_saved(sender, instance, created=False, raw=False, update_fields=None, **kwargs):
    """A model was published: its versions may be used now."""
    if raw or created or not concerns(update_fields, {"status", "deleted_at"}):
        return
    for pk in offered().filter(card=instance).values_list("pk", flat=True):
        transaction.on_commit(partial(order, PREPARE, pk))


def version_deleted(sender, instance, **kwargs):
    if instance.sha256:
        transaction.on_commit(partial(order, SWEEP))


def concerns(changed, columns):
    return changed is None or not columns.isdisjoint(changed)


def order(job, *ids):
    try:
        django_rq.get_queue("small").enqueue(job, *ids, result_ttl=0, job_timeout=3600)
    except RedisError as error:
        logger.warning("%s%s could not be ordered (%s)", job, ids, error)


def offered():
    """The versions that jobs may be drawn with."""
    return ModelVersion.objects.published().checkpoints().exclude(sha256=None).order_by()


def prepare(version_id):
    """Write the sidecar of a version that is on offer, unless it is there or does not pay. A worker's deed."""
    version = offered().select_related("card").filter(pk=version_id).first()
    if version is None:
        return
    ref, sidecars = specs.checkpoint_ref(version), specs.engine_settings()["sidecars"]
    try:
        if sidecars.pays_for(originals.part_elements(ref)) and ref.key not in sidecars.known_keys():
            loader(sidecars).prepare(ref)
    except EngineError as error:
        # Whoever draws with it is told.
        logger.warning("no sidecar of %s: %s", version, error)


def loader(sidecars):
    """A Loader for what this site's workers draw on."""
    from generation.engine import hardware
    from generation.engine.calibration import calibrated
    from generation.engine.loading import Loader

    ours = specs.engine_settings()
    measured = partial(calibrated, ours["calibration"])
    found = hardware.detect(ours["device"], dtype=ours["dtype"], calibrated=measured)
    return Loader(found, hardware.default_cache_bytes(found), sidecars=sidecars)


def sweep():
    """Forget the sidecars of checkpoints that are no longer in the hub; parts that others have too stay theirs."""
    sidecars = specs.engine_settings()["sidecars"]
    made = sidecars.known_keys()
    known = set(ModelVersion.objects.filter(sha256__in=made).values_list("sha256", flat=True))
    for key in made - known:
        logger.info("the sidecars of %s are forgotten: it is gone", key[:12])
        sidecars.forget(key)
