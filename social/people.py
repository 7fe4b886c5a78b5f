"""Finding people, and what their pages count."""

from django.db.models import Count, Q, Sum
from django.http import Http404
from django.utils import timezone

from accounts.models import Profile, User, username_key
from gallery.models import Picture
from models_hub.models import ModelCard

MOST_LETTERS = 30


def open_accounts():
    """Those who have a page: neither closed nor banned."""
    free = Q(banned_until=None) | Q(banned_until__lte=timezone.now())
    return User.objects.filter(free, is_active=True).select_related("profile")


def open_account(username):
    """The user of that name, however it is written. Raises Http404 for an account that is closed or banned."""
    found = open_accounts().filter(username_key=username_key(username)).first()
    if found is None:
        raise Http404
    return found


def found(text):
    """Profiles of open accounts whose names hold `text`.

    Of all accounts most are open: a walk by the index of followers ends soon. Of a name few are: those come first.
    Either way round the other costs half a second among 50,000.
    """
    profiles = Profile.objects.select_related("user")
    if key := username_key(text.strip().lstrip("@"))[:MOST_LETTERS]:
        named = open_accounts().select_related(None).filter(username_key__contains=key)
        return profiles.filter(user__in=named)
    free = Q(user__banned_until=None) | Q(user__banned_until__lte=timezone.now())
    return profiles.filter(free, user__is_active=True)


def counters(user):
    """What a profile counts, in two queries: {"pictures", "models", "likes"}."""
    pictures = Picture.objects.published().filter(owner=user)
    cards = ModelCard.objects.published().filter(owner=user)
    seen = pictures.aggregate(number=Count("pk"), likes=Sum("likes", default=0))
    made = cards.aggregate(number=Count("pk"), likes=Sum("likes", default=0))
    return {"pictures": seen["number"], "models": made["number"], "likes": seen["likes"] + made["likes"]}
