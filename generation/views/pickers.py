"""What the dialogs of the generate page offer: pictures to start from, resources to draw with. All of it in pages."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Case, Max, Q, Value, When
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gallery import feed
from gallery.models import Picture
from generation.asking import resources as fitting
from generation.models import Job
from generation.scheduling import capabilities
from generation.views import offering
from models_hub import shelf
from models_hub.models import ModelCard

PAGE = 24
MAX_PAGE = 500
# What the next page must be asked with again.
ASKED = ("kind", "family", "tab", "q", "of")
# What a kind of resource is called in the form, its weight's field, and the least weight.
FIELDS = {
    "lora": ("lora", "lora_weight", -2),
    "embedding": ("embeddings", "", 0),
    "controlnet": ("control", "control_weight", 0),
}
MODEL = "checkpoint"

# From a job to the cards of a kind.
USED_IN = {
    "lora": "loras__version__card",
    "embedding": "embeddings__card",
    "controlnet": "control__card",
    MODEL: "version__card",
}
MOST_RECENT = 48


@dataclass(frozen=True)
class Choice:
    """A resource as the form shows it; `fits` are the families of models it can be used with."""

    card: ModelCard
    weight: float
    cover: str
    words: tuple
    fits: tuple
    is_fitting: bool = True

    @property
    def slug(self):
        return self.card.slug

    @property
    def title(self):
        return self.card.title

    @property
    def url(self):
        return self.card.get_absolute_url()

    @property
    def kind(self):
        return self.card.kind

    @property
    def kind_name(self):
        return self.card.get_kind_display()

    @property
    def family_name(self):
        return fitting.family_name(self.card.family)

    @property
    def field(self):
        return FIELDS[self.card.kind][0]

    @property
    def weight_field(self):
        return FIELDS[self.card.kind][1]

    @property
    def low(self):
        return FIELDS[self.card.kind][2]


def choice(card, weight=None, family=""):
    """A Choice of `card` (with_cover), for a model of `family` when one is given."""
    version = next(iter(card.versions.all()), None)
    sample = next(iter(version.samples.all()), None) if version else None
    cover = reverse("models_hub:sample", args=[card.slug, sample.pk]) if sample else ""
    if weight in (None, ""):
        weight = version.settings.get("weight", 1) if version else 1
    families = fitting_families(card)
    words = tuple(version.trigger_words if version else ())
    return Choice(card, weight, cover, words, families, not family or family in families)


def fitting_families(card):
    """The families of models that `card` can be used with."""
    known = {*fitting.FAMILY_NAMES, card.family}
    return tuple(sorted(family for family in known if fitting.fits(card.kind, card, ModelCard(family=family))))


@login_required
@require_GET
@never_cache
def pictures(request):
    """One's own creations, or what others published and let start from: `of` is "mine" or "gallery"."""
    mine = request.GET.get("of") != "gallery"
    found = Picture.objects.for_owner(request.user) if mine else reusable(request.user)
    page = feed.page(found.for_wall(), "created_at" if mine else "published_at", request.GET.get("cursor", ""), PAGE)
    more = {"of": "mine" if mine else "gallery", "cursor": page.cursor}
    context = {"pictures": page.pictures, "more": address("pick-pictures", more) if page.cursor else ""}
    return render(request, "generation/_picture_choices.html", context)


def reusable(user):
    return Picture.objects.published().filter(Q(may_be_reused=True) | Q(owner=user))


@require_GET
@never_cache
def resources(request):
    """Published resources of a kind, those that fit the model's `family` first."""
    kind, family = request.GET.get("kind", ""), request.GET.get("family", "")
    if kind not in USED_IN:
        raise Http404
    number = page_number(request.GET.get("page"))
    start = (number - 1) * PAGE
    cards = list(found_resources(request.user, kind, family, request.GET)[start : start + PAGE + 1])
    asked = {name: request.GET[name] for name in ASKED if request.GET.get(name)}
    more = address("pick-resources", asked | {"page": number + 1}) if len(cards) > PAGE and number < MAX_PAGE else ""
    is_search = bool(request.GET.get("q") or request.GET.get("of") or request.GET.get("tab", "all") != "all")
    context = {"more": more, "is_search": is_search}
    if kind == MODEL:
        return render(request, "generation/_model_choices.html", context | {"choices": models(cards[:PAGE])})
    context["choices"] = [choice(card, family=family) for card in cards[:PAGE]]
    return render(request, "generation/_resource_choices.html", context)


def models(cards):
    """Checkpoints as the form's cards, each with the reason why no worker could draw with it now, if so."""
    workers = capabilities.live()
    found = [offering.choice(card) for card in cards]
    return [item | {"family": fitting.family_name(item["card"].family), **why_not(item, workers)} for item in found]


def why_not(item, workers):
    version = item["version"]
    version.card = item["card"]
    return {"reason": capabilities.why_not(capabilities.needs_of(version), workers)}


def found_resources(user, kind, family, query):
    """Cards by tab ("all", "recent", "mine") and words, fitting ones first, then the newest (or the last used)."""
    seen = shelf.readable(user).published().with_cover()
    cards = seen.filter(kind=kind, versions__status="published").distinct()
    if words := query.get("q", "").replace("\x00", "")[:100].strip():
        cards = cards.filter(Q(name__icontains=words) | Q(name_zh__icontains=words) | Q(slug__icontains=words))
    if (of := query.get("of")) and kind == MODEL:
        cards = cards.filter(family=of)
    fitting_ones = families_fitting(kind, family) if kind != MODEL else []
    fits = Case(When(family__in=fitting_ones, then=Value(0)), default=Value(1))
    if query.get("tab") == "mine" and user.is_authenticated:
        cards = cards.filter(owner=user)
    if query.get("tab") == "recent" and user.is_authenticated:
        order = last_used(user, kind)
        cards = cards.filter(pk__in=order).annotate(place=Case(*(When(pk=pk, then=n) for n, pk in enumerate(order))))
        return cards.annotate(misfit=fits).order_by("misfit", "place", "-pk")
    return cards.annotate(misfit=fits).order_by("misfit", "-created_at", "-pk")


def last_used(user, kind):
    """Ids of the cards of `kind` that the user's jobs used, the latest first."""
    path = USED_IN[kind]
    jobs = Job.objects.for_user(user).filter(**{f"{path}__isnull": False}).order_by()
    latest = jobs.values_list(path).annotate(at=Max("created_at")).order_by("-at")[:MOST_RECENT]
    return [pk for pk, _at in latest]


def families_fitting(kind, family):
    """The families of resources of `kind` that a model of `family` takes."""
    model = ModelCard(family=family)
    known = {*fitting.FAMILY_NAMES, family}
    return [one for one in known if fitting.fits(kind, ModelCard(family=one), model)]


def page_number(text):
    try:
        return min(max(int(text or 1), 1), MAX_PAGE)
    except ValueError:
        return 1


def address(name, query):
    return f"{reverse(f'generation:{name}')}?{urlencode(query)}"


@login_required
@require_GET
@never_cache
def quota(request):
    return render(request, "generation/_quota.html")
