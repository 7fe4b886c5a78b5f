"""What the wizard's pages do to models, versions and files."""

from django.db import transaction
from django.utils.translation import gettext as _

from models_hub import states
from models_hub.models import ModelCard, ModelVersion
from models_hub.services import free_slug
from models_hub.uploads import arrival, housekeeping
from models_hub.uploads.services import refuse_sanctioned
from visionary.common import limits
from visionary.common.exceptions import DomainError

MAX_DRAFTS = 50  # of one user
INHERITED = ("category", "licence", "attribution", "credit_required", "commercial_use", "merges_allowed")
INHERITED += ("relicensing_allowed", "content_level", "family")


@transaction.atomic
def start(*, owner, name, kind, like=None):
    """Begin a model: a draft with an empty version, with the answers of the card `like`. Raises DomainError."""
    refuse_sanctioned(owner)
    limits.count("model", str(owner.pk), most=30, seconds=3600)
    if owner.models.filter(status=ModelCard.Status.DRAFT, deleted_at=None).count() >= MAX_DRAFTS:
        message = _("You have %(most)d drafts. Publish or delete one first.")
        raise DomainError(message % {"most": MAX_DRAFTS}, code="too_many_drafts", status=429)
    answers = {field: getattr(like, field) for field in INHERITED} if like else {}
    card = ModelCard.objects.create(owner=owner, name=name, kind=kind, slug=free_slug(name), **answers)
    if like:
        card.tags.set(like.tags.all())
    ModelVersion.objects.create(card=card, name="1.0", status=ModelVersion.Status.DRAFT)
    return card


@transaction.atomic
def new_version(*, card, by):
    """A draft for the next version of `card`, with the settings of the newest. An empty draft is used again."""
    refuse_sanctioned(by)
    ModelCard.objects.select_for_update().get(pk=card.pk)
    newest = card.versions.first()
    if newest and newest.status == ModelVersion.Status.DRAFT and not newest.files.exists():
        return newest
    kept = {name: getattr(newest, name) for name in ("trigger_words", "settings", "example_prompts")} if newest else {}
    name = next_name(card)
    return ModelVersion.objects.create(card=card, name=name, status=ModelVersion.Status.DRAFT, **kept)


def next_name(card):
    """1.0 -> 2.0; whatever follows from the names that are taken."""
    taken = set(card.versions.values_list("name", flat=True))
    number = len(taken) + 1
    while f"{number}.0" in taken:
        number += 1
    return f"{number}.0"


@transaction.atomic
def remove_file(*, file, by):
    """Take a file out of a version that is still open. Raises DomainError."""
    refuse_sanctioned(by)
    version = ModelVersion.objects.select_for_update().get(pk=file.version_id)
    arrival.refuse_closed(version)
    arrival.drop_file(file)
    # What is left decides anew what the version is ready for.
    states.begin_inspection(version)
    states.end_inspection(version)


@transaction.atomic
def delete_draft(*, version, by):
    """Delete a version that never was published, with its files. Raises DomainError."""
    refuse_sanctioned(by)
    version = ModelVersion.objects.select_for_update().get(pk=version.pk)
    arrival.refuse_closed(version)
    for upload in version.uploads.filter(file=None):
        housekeeping.end(upload)
    for file in version.files.all():
        arrival.drop_file(file)
    version.delete()
