"""Everything that changes a picture: store, publish, rename, trash, hide."""

from functools import partial

import django_rq
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from accounts import sanctions
from gallery import placeholders, pngmeta, uses, verdicts
from gallery.models import Picture, Recipe
from visionary.common import files
from visionary.common.exceptions import DomainError

MAX_TITLE = 120


class NotYours(DomainError):
    code = "not_yours"
    status = 403


def encode(image, recipe):
    """A drawn picture (PIL) as (PNG bytes with its recipe and the AI mark inside, width, height, placeholder)."""
    return pngmeta.png_bytes(image, recipe), image.width, image.height, placeholders.data_url(image)


def store(stage, *, id, owner, png, recipe, publish):
    """Create a picture with its recipe inside the caller's transaction; `stage` carries the file out at its end."""
    data, width, height, placeholder = png
    picture = Picture(
        id=id,
        owner=owner,
        file=f"pictures/{id.hex[:2]}/{id}.png",
        sha256=files.sha256(data),
        size=len(data),
        width=width,
        height=height,
        placeholder=placeholder,
        card=recipe["version"].card if recipe.get("version") else None,
    )
    if publish:
        picture.visibility, picture.published_at = Picture.Visibility.PUBLIC, timezone.now()
    picture.save(force_insert=True)
    Recipe.objects.create(picture=picture, **recipe)
    uses.record(picture, recipe)
    stage.write(picture.path, data)
    transaction.on_commit(partial(order_previews, picture.pk))
    return picture


def order_previews(picture_id):
    """Have the small-jobs worker make the previews. `manage.py make_previews` catches up what Redis lost."""
    try:
        django_rq.get_queue("small").enqueue("gallery.jobs.make_previews", str(picture_id), result_ttl=0)
    except RedisError:
        return


def publish(*, picture, by):
    """Show a picture in the gallery. Publishing twice keeps the first date. Raises NotYours, DomainError."""
    check_owner(picture, by)
    sanctions.refuse_if_muted(by)
    if picture.visibility != Picture.Visibility.PUBLIC:
        first = picture.published_at or timezone.now()
        show(picture, visibility=Picture.Visibility.PUBLIC, published_at=first)
    return picture


def show(picture, **columns):
    """Write `columns`, which let others see the picture, unless the site holds it back. Raises DomainError."""
    with transaction.atomic():
        # Locked: a moderator may be deciding at this moment.
        now = Picture.objects.select_for_update().get(pk=picture.pk)
        if now.is_hidden or now.is_blocked:
            message = _("A moderator has hidden this picture; it cannot be published.")
            raise DomainError(message, code="hidden", status=409)
        if verdicts.waits_for_a_moderator(picture):
            message = _(
                "The output check was not sure about this picture. It can be published once a moderator has seen it."
            )
            raise DomainError(message, code="in_review", status=409)
        Picture.objects.filter(pk=picture.pk).update(**columns)
    for name, value in columns.items():
        setattr(picture, name, value)


def unpublish(*, picture, by, visibility=Picture.Visibility.PRIVATE):
    """Take a picture out of the gallery; UNLISTED leaves it to those who have its link.

    Raises NotYours, DomainError.
    """
    check_owner(picture, by)
    if visibility == Picture.Visibility.PRIVATE:
        picture.visibility = visibility
        picture.save(update_fields=["visibility"])
    else:
        show(picture, visibility=visibility)
    return picture


def rename(*, picture, by, title):
    """Give a picture a title. Raises NotYours, DomainError."""
    check_owner(picture, by)
    sanctions.refuse_if_muted(by)
    title = title.strip()
    if len(title) > MAX_TITLE or "\x00" in title:
        raise DomainError(_("Title: use at most %(most)d characters.") % {"most": MAX_TITLE}, field="title")
    picture.title = title
    picture.save(update_fields=["title"])
    return picture


def trash(*, picture, by):
    """Put a picture in the trash; nobody sees it any more. Raises NotYours."""
    check_owner(picture, by)
    Picture.objects.filter(pk=picture.pk, deleted_at=None).update(deleted_at=timezone.now())
    picture.refresh_from_db()
    return picture


def restore(*, picture, by):
    """Take a picture out of the trash. Raises NotYours."""
    check_owner(picture, by)
    Picture.objects.filter(pk=picture.pk).update(deleted_at=None)
    picture.refresh_from_db()
    return picture


def hide(*, picture, by, reason=""):
    """Hide a picture from everybody but its owner and the staff. Raises NotYours."""
    return set_hidden(picture, by, hidden=True)


def unhide(*, picture, by, reason=""):
    """Undo `hide`. Raises NotYours."""
    return set_hidden(picture, by, hidden=False)


def set_hidden(picture, by, *, hidden):
    if not by.has_perm("gallery.change_picture"):
        raise NotYours(_("Only moderators may hide pictures."))
    picture.is_hidden = hidden
    picture.save(update_fields=["is_hidden"])
    return picture


def check_owner(picture, by):
    if picture.owner_id != by.pk:
        raise NotYours(_("This is somebody else's picture."))
