"""What of the gallery goes into the archive of a user's own, and what happens to it when they leave."""

from django.db import transaction

from accounts import deletion, exporting
from gallery import pngmeta
from gallery.models import PREVIEW_WIDTHS, Picture
from visionary.common import files

PICTURE = ("id", "title", "visibility", "is_hidden", "likes", "comments", "width", "height", "sha256")
PICTURE += ("created_at", "published_at", "deleted_at")
BATCH = 100


def register():
    exporting.register("gallery.Picture", pictures)
    deletion.on_close.append(take_down)
    deletion.on_reopen.append(put_back)
    deletion.on_delete.append(remove)


def pictures(archive, user):
    """The originals, trash included, and a table with their recipes. Blocked ones nobody gets, as on the site."""
    rows = Picture.objects.for_owner_with_trash(user).select_related("recipe").order_by("created_at", "pk")
    whole = rows.count()
    archive.json("pictures.json", map(told, rows.iterator(BATCH)))
    for number, picture in enumerate(rows.iterator(BATCH), start=1):
        archive.file(f"pictures/{picture.pk}.png", picture.path)
        archive.step(number, whole)


def told(picture):
    row = {name: getattr(picture, name) for name in PICTURE} | {"file": f"pictures/{picture.pk}.png"}
    recipe = getattr(picture, "recipe", None)
    if recipe is not None:
        known = {field.name: field.value_from_object(recipe) for field in recipe._meta.concrete_fields}
        unwanted = {"id", "picture", "version"}
        row["recipe"] = {name: value for name, value in known.items() if name not in unwanted}
        row["parameters"] = pngmeta.parameters_text(vars(recipe))
    return row


def take_down(user, at):
    """Into the trash with the moment of closing as its mark, so that only these come back."""
    Picture.objects.filter(owner=user, deleted_at=None).update(deleted_at=at)


def put_back(user, closed_at):
    Picture.objects.filter(owner=user, deleted_at=closed_at).update(deleted_at=None)


def remove(user):
    """Rows, originals and previews, a hundred at a time: each batch is sure before its files go."""
    while batch := list(Picture.objects.filter(owner=user)[:BATCH]):
        with transaction.atomic():
            Picture.objects.filter(pk__in=[picture.pk for picture in batch]).delete()
            for picture in batch:
                files.remove_on_commit(picture.path, *map(picture.preview_path, PREVIEW_WIDTHS))
