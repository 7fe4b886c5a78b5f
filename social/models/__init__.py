"""What people do with each other and with each other's things."""

from social.models.comment import Comment
from social.models.follow import Follow
from social.models.like import Like, ModelLike

__all__ = ["Comment", "Follow", "Like", "ModelLike"]
