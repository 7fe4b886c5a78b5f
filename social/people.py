"""Finding people, and what their pages count."""

from django.db.models import Count, Q, Sum
from django.http import Http404
from django.utils import timezone

from accounts.models import User, username_key
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
    """Open accounts whose names hold `text`."""
    key = username_key(text.strip().lstrip("@"))[:MOST_LETTERS]
    return open_accounts().filter(username_key__contains=key) if key else open_accounts()


def counters(user):
    """What a profile counts, in two queries: {"pictures", "models", "likes"}."""
    pictures = Picture.objects.published().filter(owner=user)
    cards = ModelCard.objects.published().filter(owner=user)
    seen = pictures.aggregate(number=Count("pk"), likes=Sum("likes", default=0))
    made = cards.aggregate(number=Count("pk"), likes=Sum("likes", default=0))
    return {"pictures": seen["number"], "models": made["number"], "likes": seen["likes"] + made["likes"]}
