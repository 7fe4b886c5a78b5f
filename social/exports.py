"""What of social goes into the archive of a user's own, and what happens to it when they leave."""

from accounts import deletion, exporting
from social import services
from social.models import Comment, Follow, Like, ModelLike

COMMENT = ("id", "picture_id", "card__slug", "parent_id", "text", "is_hidden", "created_at", "edited_at")


def register():
    exporting.register("social.Like", likes)
    exporting.register("social.ModelLike", model_likes)
    exporting.register("social.Follow", follows)
    exporting.register("social.Comment", comments)
    deletion.on_delete.append(withdraw)


def likes(archive, user):
    archive.json("likes.json", Like.objects.filter(user=user).values("picture_id", "created_at").iterator())


def model_likes(archive, user):
    archive.json("model_likes.json", ModelLike.objects.filter(user=user).values("card__slug", "created_at").iterator())


def follows(archive, user):
    """Whom the user follows. Who follows them is for those to take along."""
    rows = Follow.objects.filter(follower=user)
    archive.json("follows.json", rows.values("followed__username", "created_at").iterator())


def comments(archive, user):
    rows = Comment.objects.filter(author=user, deleted_at=None)
    archive.json("comments.json", rows.values(*COMMENT).iterator())


def withdraw(user):
    """By the services, one by one: the counters of others stay right. Comments stay, without a name."""
    for row in Like.objects.filter(user=user).select_related("picture").iterator():
        services.unlike(picture=row.picture, by=user)
    for row in ModelLike.objects.filter(user=user).select_related("card").iterator():
        services.unlike_model(card=row.card, by=user)
    for row in Follow.objects.filter(follower=user).select_related("followed").iterator():
        services.unfollow(user=row.followed, by=user)
    for row in Follow.objects.filter(followed=user).select_related("follower").iterator():
        services.unfollow(user=user, by=row.follower)
