"""Sample pictures: taken in, chosen from one's creations, put in order."""

import io

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from models_hub import states
from models_hub.models import ModelSample, ModelVersion
from models_hub.uploads.services import refuse_sanctioned
from models_hub.wizard import parameters
from visionary.common import decoding, limits
from visionary.common.exceptions import DomainError

MOST = 20
QUALITY = 90
# A moderator has looked at what was there then.
APPROVED = {ModelVersion.Status.PUBLISHED, ModelVersion.Status.WITHDRAWN}
FACTS = (
    "negative_prompt",
    "steps",
    "sampler",
    "guidance",
    "width",
    "height",
    "clip_skip",
    "model",
    "model_hash",
    "loras",
)


def add(*, version, data, by):
    """Take in an uploaded picture (bytes) and return its ModelSample. Raises DomainError.

    The picture is decoded under limits and written anew; of its metadata the recipe alone is kept, as plain values.
    """
    refuse_sanctioned(by)
    limits.count("sample", str(by.pk), most=120, seconds=3600)
    image = decoding.picture(data)
    return store(version, image, parameters.read(said_by(data)), by)


def said_by(data):
    """The parameters in a file that has been found decodable."""
    with Image.open(io.BytesIO(data), formats=decoding.FORMATS) as image:
        return parameters.text_of(image)


@transaction.atomic
def store(version, image, recipe, by):
    """A sample of the PIL `image` with `recipe` as parameters.read gives it. Raises DomainError beyond MOST.

    What `by` brings to a version that was approved without it is not shown until a moderator has seen it, too.
    """
    version = ModelVersion.objects.select_for_update().select_related("card").get(pk=version.pk)
    count = of(version).count()
    if count >= MOST:
        message = _("Pictures: at most %(most)d samples. Remove one first.")
        raise DomainError(message % {"most": MOST}, code="too_many_samples", field="pictures")
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY)
    # With its size, which Django would read from the file again (and cannot from every WebP).
    return ModelSample.objects.create(
        version=version,
        image=default_storage.save("samples/sample.webp", ContentFile(buffer.getvalue())),
        width=image.width,
        height=image.height,
        prompt=recipe.get("prompt", "")[:300],
        seed=recipe.get("seed"),
        position=next_position(version),
        is_waiting=version.status in APPROVED and states.needs_moderator(version, by),
        facts={name: recipe[name] for name in FACTS if name in recipe},
    )


def of(version):
    """All samples of `version`, also those that wait for a moderator."""
    return ModelSample.everything.filter(version=version)


def next_position(version):
    last = of(version).order_by("-position").first()
    return last.position + 1 if last else 0


@transaction.atomic
def move(*, sample, to):
    """Put `sample` at place `to` (from 0) among its version's samples."""
    rows = [row for row in of(sample.version) if row.pk != sample.pk]
    rows.insert(max(0, min(to, len(rows))), sample)
    for position, row in enumerate(rows):
        row.position = position
    ModelSample.everything.bulk_update(rows, ["position"])


def place(sample):
    return [row.pk for row in of(sample.version)].index(sample.pk)


@transaction.atomic
def remove(sample):
    """Delete a sample with its picture, which may have been the model's cover."""
    storage, name = sample.image.storage, sample.image.name
    sample.delete()
    if not ModelSample.everything.filter(image=name).exists():
        transaction.on_commit(lambda: storage.delete(name))


def choose_cover(sample):
    if sample.is_waiting:
        raise DomainError(_("Waiting for a moderator."), code="waiting", status=409)
    card = sample.version.card
    card.cover = sample
    card.save(update_fields=["cover", "updated_at"])
