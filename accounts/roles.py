"""Who may what: one role for each person, made of Django's own flags and groups."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from visionary.common.exceptions import DomainError

TRUSTED, MODERATORS = "Trusted", "Moderators"
LABELS = {
    "guest": gettext_lazy("Guest"),
    "banned": gettext_lazy("Banned"),
    "user": gettext_lazy("User"),
    "trusted": gettext_lazy("Trusted"),
    "moderator": gettext_lazy("Moderator"),
    "administrator": gettext_lazy("Administrator"),
}
# Who stands above whom; a banned person stands where they stood.
RANKS = ("guest", "user", "trusted", "moderator", "administrator")


def role(user) -> str:
    """ "guest", "user", "trusted", "moderator", "administrator" or "banned"."""
    if not user.is_authenticated:
        return "guest"
    return "banned" if user.is_banned else standing(user)


def standing(user) -> str:
    """The role without regard to a ban. Staff without a group is trusted; what else it may its permissions say."""
    if user.is_superuser:
        return "administrator"
    groups = group_names(user)
    if MODERATORS.lower() in groups:
        return "moderator"
    return "trusted" if user.is_staff or TRUSTED.lower() in groups else "user"


def group_names(user) -> set:
    """In lower case. Asked of the database once for each user object; `prefetch_related("groups")` saves that too."""
    if not hasattr(user, "_group_names"):
        user._group_names = {group.name.lower() for group in user.groups.all()}
    return user._group_names


def rank(user) -> int:
    return RANKS.index(standing(user)) if user.is_authenticated else 0


def outranks(one, other) -> bool:
    return rank(one) > rank(other)


def is_moderator(user) -> bool:
    return role(user) in {"moderator", "administrator"}


def may_publish_at_once(user) -> bool:
    """Whether what this person publishes is shown without a moderator having seen it."""
    return role(user) in {"trusted", "moderator", "administrator"}


def set_trusted(*, user, by, trusted=True):
    """Put `user` among the trusted, or take that back. False when it was so already. Raises DomainError."""
    if not by.has_perm("accounts.trust_user"):
        raise DomainError(_("Only moderators decide who is trusted."), code="not_allowed", status=403)
    if not outranks(by, user):
        raise DomainError(_("Their role is as high as yours, or higher."), code="not_allowed", status=403)
    return _set_member(user, TRUSTED, trusted)


def set_moderator(*, user, by, moderator=True):
    """Make `user` a moderator, who may enter the back office, or take that back. Raises DomainError."""
    if not by.is_superuser:
        raise DomainError(_("Only administrators appoint moderators."), code="not_allowed", status=403)
    with transaction.atomic():
        User.objects.filter(pk=user.pk, is_superuser=False).update(is_staff=moderator)
        return _set_member(user, MODERATORS, moderator)


def _set_member(user, name, member):
    group = Group.objects.get_or_create(name=name)[0]
    was = user.groups.filter(pk=group.pk).exists()
    if member:
        user.groups.add(group)
    else:
        user.groups.remove(group)
    user.__dict__.pop("_group_names", None)
    return was != member
