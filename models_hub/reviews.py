"""What people say of a version. A card's counters are always those of the reviews that readers see."""

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import sanctions
from models_hub.models import ModelCard, Review
from safety import services as safety
from visionary.common.exceptions import DomainError

LONGEST = Review._meta.get_field("text").max_length


class NotYours(DomainError):
    code = "not_yours"
    status = 403


def shown(version):
    """The reviews of a version that readers see."""
    return version.reviews.filter(is_hidden=False).select_related("user")


@transaction.atomic
def write(*, version, by, recommends, text=""):
    """Say whether `by` recommends `version`, anew or changed: one review for each user and version. Returns it.

    Raises DomainError: muted or banned users, one's own model, a text that is too long or has forbidden words.
    """
    sanctions.refuse_if_muted(by)
    check(version, by, text)
    lock(version)
    fields = {"recommends": bool(recommends), "text": text.strip()}
    review, is_new = Review.objects.get_or_create(version=version, user=by, defaults=fields)
    if not is_new:
        for name, value in {**fields, "edited_at": timezone.now()}.items():
            setattr(review, name, value)
        review.save(update_fields=[*fields, "edited_at"])
    recount(version.card_id)
    return review


def check(version, by, text):
    if version.card.owner_id == by.pk:
        raise NotYours(_("This is your own model; let others review it."))
    if len(text) > LONGEST or "\x00" in text:
        message = _("Text: use at most %(most)d characters.") % {"most": LONGEST}
        raise DomainError(message, code="bad_value", field="text")
    safety.check_prompt(text, field="text")


@transaction.atomic
def delete(*, review, by):
    """Take one's own review back. Of a hidden one the row stays, or the next would be shown. Raises NotYours."""
    if review.user_id != by.pk:
        raise NotYours(_("This is somebody else's review."))
    lock(review.version)
    if not Review.objects.filter(pk=review.pk, is_hidden=False).delete()[0]:
        Review.objects.filter(pk=review.pk).update(text="")
    recount(review.version.card_id)


def hide(*, review, by):
    """Keep a review from all readers but its writer. Raises NotYours."""
    return set_hidden(review, by, True)


def unhide(*, review, by):
    """Undo `hide`. Raises NotYours."""
    return set_hidden(review, by, False)


@transaction.atomic
def set_hidden(review, by, hidden):
    if not by.has_perm("models_hub.change_review"):
        raise NotYours(_("Only moderators may hide reviews."))
    lock(review.version)
    Review.objects.filter(pk=review.pk).update(is_hidden=hidden)
    review.is_hidden = hidden
    recount(review.version.card_id)
    return review


def lock(version):
    # Before the Review row, whose keys take shared locks: two who both held one would wait for each other for ever.
    ModelCard.objects.select_for_update().get(pk=version.card_id)


def recount(card_id):
    """Counted, not added up: the card is locked, and a model has few reviews."""
    said = Review.objects.filter(version__card=card_id, is_hidden=False)
    numbers = said.aggregate(all=Count("pk"), good=Count("pk", filter=Q(recommends=True)))
    ModelCard.objects.filter(pk=card_id).update(reviews_count=numbers["all"], recommended_count=numbers["good"])
