"""Likes. The counter on a picture always equals the number of its Like rows."""

from django.db import transaction
from django.db.models import F

from gallery.models import Picture
from social.models import Like


@transaction.atomic
def like(*, picture, by):
    """`by` likes `picture`; liking twice counts once. Returns the new number of likes."""
    lock(picture)
    _like, is_new = Like.objects.get_or_create(user=by, picture=picture)
    return count(picture, +1 if is_new else 0)


@transaction.atomic
def unlike(*, picture, by):
    """Take a like back; doing so twice changes nothing. Returns the new number of likes."""
    lock(picture)
    gone, _by_model = Like.objects.filter(user=by, picture=picture).delete()
    return count(picture, -1 if gone else 0)


def lock(picture):
    # Before the Like row, whose foreign key takes a shared lock on the picture: two users who both
    # held that one and both wanted to count would wait for each other for ever.
    Picture.objects.select_for_update().get(pk=picture.pk)


def count(picture, change):
    if change:
        Picture.objects.filter(pk=picture.pk).update(likes=F("likes") + change)
    picture.refresh_from_db(fields=["likes"])
    return picture.likes
