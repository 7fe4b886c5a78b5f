"""What people do with each other and with each other's things, for programs."""

from social.api.comments import CardComments, HideComment, OneComment, PictureComments
from social.api.likes import Like, LikeModel
from social.api.people import Follow, Followers, Following, Person, Users

__all__ = [
    "CardComments",
    "Follow",
    "Followers",
    "Following",
    "HideComment",
    "Like",
    "LikeModel",
    "OneComment",
    "Person",
    "PictureComments",
    "Users",
]
