"""Likes and follows. A counter always equals the number of its rows, whoever clicks at the same time."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import sanctions
from accounts.models import Profile, User
from social.models import Follow, Like, ModelLike
from visionary.common import limits
from visionary.common.exceptions import DomainError

FOLLOWS_PER_USER = {"most": 200, "seconds": 3600}


class NotToFollow(DomainError):
    code = "not_to_follow"


@transaction.atomic
def like(*, picture, by):
    """`by` likes `picture`; liking twice counts once. Returns the new number of likes. Raises DomainError if banned."""
    sanctions.refuse_if_banned(by)
    lock(picture)
    _like, is_new = Like.objects.get_or_create(user=by, picture=picture)
    return count(picture, +1 if is_new else 0)


@transaction.atomic
def unlike(*, picture, by):
    """Take a like back; doing so twice changes nothing. Returns the new number of likes."""
    lock(picture)
    gone, _by_model = Like.objects.filter(user=by, picture=picture).delete()
    return count(picture, -1 if gone else 0)


@transaction.atomic
def like_model(*, card, by):
    """`by` likes the model `card`, as `like` does with pictures."""
    sanctions.refuse_if_banned(by)
    lock(card)
    _like, is_new = ModelLike.objects.get_or_create(user=by, card=card)
    return count(card, +1 if is_new else 0)


@transaction.atomic
def unlike_model(*, card, by):
    """Take a like of a model back, as `unlike` does with pictures."""
    lock(card)
    gone, _by_model = ModelLike.objects.filter(user=by, card=card).delete()
    return count(card, -1 if gone else 0)


def lock(thing):
    # Before the Like row, whose foreign key takes a shared lock on the thing: two users who both
    # held that one and both wanted to count would wait for each other for ever.
    type(thing)._default_manager.select_for_update().get(pk=thing.pk)


def count(thing, change):
    if change:
        type(thing)._default_manager.filter(pk=thing.pk).update(likes=F("likes") + change)
    thing.refresh_from_db(fields=["likes"])
    return thing.likes


@transaction.atomic
def follow(*, user, by):
    """`by` follows `user`; doing so twice counts once. Returns the number of followers.

    Raises NotToFollow for oneself and for accounts that are closed or banned, DomainError when `by` is banned, TooMany.
    """
    sanctions.refuse_if_banned(by)
    if user.pk == by.pk:
        raise NotToFollow(_("Nobody can follow themselves."))
    if not user.is_active or user.is_banned:
        raise NotToFollow(_("This account is closed."), status=404)
    limits.count("follow", str(by.pk), **FOLLOWS_PER_USER)
    lock_profiles(user, by)
    _row, is_new = Follow.objects.get_or_create(follower=by, followed=user)
    return count_follow(user, by, +1 if is_new else 0)


@transaction.atomic
def unfollow(*, user, by):
    """Undo `follow`; doing so twice changes nothing. Returns the number of followers."""
    lock_profiles(user, by)
    gone, _by_model = Follow.objects.filter(follower=by, followed=user).delete()
    return count_follow(user, by, -1 if gone else 0)


def lock_profiles(*users):
    """Both in one order: two who follow each other at once must not wait for each other."""
    for user in users:
        Profile.objects.get_or_create(user=user)
    ids = sorted(user.pk for user in users)
    # The users as well, whose rows the new one's keys share.
    list(User.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    list(Profile.objects.select_for_update().filter(user__in=ids).order_by("pk").values_list("pk"))


def count_follow(user, by, change):
    if change:
        Profile.objects.filter(user=user).update(followers=F("followers") + change)
        Profile.objects.filter(user=by).update(following=F("following") + change)
    return Profile.objects.values_list("followers", flat=True).get(user=user)
