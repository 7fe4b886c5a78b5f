"""What the output check found, and what moderators make of it."""

from django.db import transaction
from django.utils.translation import gettext as _

from gallery.models import Picture, Verdict
from visionary.common.exceptions import DomainError


def record(picture, found, *, was_drawn_again=False):
    """Write down the OutputVerdict of a new picture; a blocked one is shown to nobody but the staff."""
    if found.decision == Verdict.Decision.BLOCKED:
        picture.is_blocked, picture.visibility, picture.published_at = True, Picture.Visibility.PRIVATE, None
        picture.save(update_fields=["is_blocked", "visibility", "published_at"])
    elif found.decision == Verdict.Decision.REVIEW:
        picture.visibility, picture.published_at = Picture.Visibility.PRIVATE, None
        picture.save(update_fields=["visibility", "published_at"])
    return Verdict.objects.create(
        picture=picture,
        decision=found.decision,
        scores=found.scores,
        defect=found.defect,
        was_drawn_again=was_drawn_again,
    )


def waits_for_a_moderator(picture):
    return Verdict.objects.filter(picture=picture, decision=Verdict.Decision.REVIEW).exists()


@transaction.atomic
def settle(*, verdict, by, decision):
    """A moderator's word on a picture: CLEAN gives it to its owner, BLOCKED takes it away. Raises DomainError."""
    if not by.has_perm("gallery.change_verdict"):
        raise DomainError(_("Only moderators may decide about pictures."), code="not_yours", status=403)
    is_blocked = decision == Verdict.Decision.BLOCKED
    fields = {"visibility": Picture.Visibility.PRIVATE} if is_blocked else {}
    Picture.objects.filter(pk=verdict.picture_id).update(is_blocked=is_blocked, **fields)
    Verdict.objects.filter(pk=verdict.pk).update(decision=decision)
    verdict.refresh_from_db()
    return verdict
