"""What of the hub goes into the archive of a user's own, and what happens to it when they leave."""

from django.db.models import Prefetch

from accounts import deletion, exporting
from models_hub import reviews, states, uploads
from models_hub.models import Download, ModelCard, ModelFile, ModelSample, ModelVersion, Review, Upload

UNTOLD = {"id", "owner", "cover", "version", "card", "path", "file"}


def register():
    exporting.register("models_hub.ModelCard", cards)
    exporting.register("models_hub.Review", opinions)
    exporting.register("models_hub.Download", downloads)
    exporting.register("models_hub.Upload", sent)
    exporting.skip("models_hub.ForbiddenHash", because="it is the moderators' list; the key says who added a line")
    deletion.on_delete.append(remove)


def columns(row):
    """The plain columns of a row, by name."""
    told = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields}
    return {name: value for name, value in told.items() if name not in UNTOLD}


def cards(archive, user):
    """All that the pages of the user's models say, drafts included. The weights are downloads of those pages."""
    every = ModelSample.everything.all()
    rows = ModelCard.objects.filter(owner=user).prefetch_related("tags", "versions__files")
    rows = rows.prefetch_related(Prefetch("versions__samples", every))
    archive.json("models.json", map(told, rows.order_by("pk")))


def told(card):
    known = columns(card) | {"tags": [tag.name for tag in card.tags.all()]}
    return known | {"versions": [told_version(version) for version in card.versions.all()]}


def told_version(version: ModelVersion):
    files: list[ModelFile] = list(version.files.all())
    samples = [{"prompt": sample.prompt, "seed": sample.seed} for sample in version.samples.all()]
    return columns(version) | {"files": [columns(file) for file in files], "samples": samples}


def opinions(archive, user):
    rows = Review.objects.filter(user=user)
    names = ("version__card__slug", "version__name", "recommends", "text", "created_at", "edited_at")
    archive.json("reviews.json", rows.values(*names).iterator())


def downloads(archive, user):
    rows = Download.objects.filter(user=user)
    archive.json("downloads.json", rows.values("version__card__slug", "version__name", "file__name", "at").iterator())


def sent(archive, user):
    rows = Upload.objects.filter(owner=user)
    archive.json("uploads.json", rows.values("name", "length", "offset", "state", "created_at").iterator())


def remove(user):
    """Uploads and reviews go. Published models stay without a name when their owner chose so; all others go."""
    uploads.drop_all(user)
    for review in Review.objects.filter(user=user).select_related("version"):
        reviews.delete(review=review, by=user)
    for card in list(ModelCard.objects.filter(owner=user)):
        ModelCard.objects.filter(pk=card.pk).update(owner=None)
        stays = card.status == ModelCard.Status.PUBLISHED and card.deleted_at is None and user.deletion_keeps_models
        if not stays:
            remove_card(card.pk)


def remove_card(pk):
    """For good, at once. Of a model that jobs and recipes of others name only that name is left."""
    card = ModelCard.objects.get(pk=pk)
    if card.deleted_at is None:
        states.trash(card, by=None)
    if not states.purge(card):
        ModelCard.objects.filter(pk=pk).update(description="", description_zh="", attribution="")
