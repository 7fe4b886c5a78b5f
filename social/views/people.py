"""A person's page with its tabs, whom they follow, and the list of all."""

from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gallery import feed
from gallery.models import Picture
from models_hub import shelf
from social import paging, people
from social.models import Follow, Like
from visionary.common import guest_pages


@require_GET
@guest_pages.remembered
def profile(request, username, tab="pictures"):
    """One tab of a person's page; `part=1` answers with its next rows only. Other spellings lead to the right one."""
    person = people.open_account(username)
    if person.username != username:
        query = request.META.get("QUERY_STRING", "")
        return redirect(address(person, tab) + (f"?{query}" if query else ""))
    is_own = person.pk == request.user.pk
    if tab == "likes" and not (is_own or shows_likes(person)):
        raise Http404
    context = {"person": person, "tab": tab, "is_own": is_own} | TABS[tab](request, person)
    if request.GET.get("part"):
        return render(request, "social/_profile_part.html", context)
    context["counters"] = people.counters(person)
    context["shows_likes"] = is_own or shows_likes(person)
    context["followed"] = follows(request.user, person)
    return render(request, "social/profile.html", context)


def address(person, tab):
    return person.get_absolute_url() + ("" if tab == "pictures" else f"{tab}/")


def shows_likes(person):
    return hasattr(person, "profile") and person.profile.shows_likes


def follows(user, person):
    return user.is_authenticated and Follow.objects.filter(follower=user, followed=person).exists()


def pictures(request, person):
    shown = Picture.objects.published().filter(owner=person).for_wall()
    return {"page": feed.page(shown, "published_at", request.GET.get("cursor", ""))}


def models(request, person):
    """As far as the reader wants to see them; one's own always."""
    cards = shelf.readable(request.user).published().filter(owner=person).with_cover()
    page = paging.page(cards, "created_at", request.GET.get("cursor", ""), size=12)
    return {"page": page, "blurs": getattr(getattr(request.user, "profile", None), "blurs_mature", False)}


def likes(request, person):
    """By when they were liked: the page is one of Like rows."""
    rows = Like.objects.filter(user=person, picture__in=Picture.objects.published())
    page = paging.page(rows, "created_at", request.GET.get("cursor", ""))
    by_id = Picture.objects.for_wall().in_bulk([row.picture_id for row in page.rows])
    page.pictures = [by_id[row.picture_id] for row in page.rows if row.picture_id in by_id]
    return {"page": page}


TABS = {"pictures": pictures, "models": models, "likes": likes}


@require_GET
def follows_of(request, username, which):
    """The followers of a person, or whom they follow; newest first."""
    person = people.open_account(username)
    rows = Follow.objects.of_open_accounts()
    if which == "followers":
        rows, other = rows.filter(followed=person), "follower"
    else:
        rows, other = rows.filter(follower=person), "followed"
    page = paging.page(rows.select_related(f"{other}__profile"), "created_at", request.GET.get("cursor", ""))
    page.people = [getattr(row, other) for row in page.rows]
    context = {"person": person, "which": which, "page": page, "is_own": person.pk == request.user.pk}
    template = "social/_people.html" if request.GET.get("part") else "social/follows.html"
    return render(request, template, context | mine(request.user, page.people))


@require_GET
def everybody(request):
    """Find people by name; without one, those with the most followers first."""
    text = request.GET.get("q", "").replace("\x00", "")[: people.MOST_LETTERS]
    page = paging.page(people.found(text), "followers", request.GET.get("cursor", ""))
    page.people = [with_profile(row) for row in page.rows]
    template = "social/_people.html" if request.GET.get("part") else "social/people.html"
    return render(request, template, {"text": text, "page": page} | mine(request.user, page.people))


def with_profile(row):
    row.user.profile = row
    return row.user


def mine(user, persons):
    """The ids of those `persons` whom the reader follows."""
    if not user.is_authenticated:
        return {"followed_ids": frozenset()}
    rows = Follow.objects.filter(follower=user, followed__in=persons)
    return {"followed_ids": frozenset(rows.values_list("followed_id", flat=True))}
