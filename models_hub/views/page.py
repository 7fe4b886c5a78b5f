"""The page of one model."""

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from models_hub import reviews, shelf
from models_hub.downloads import files, links
from models_hub.forms import ReviewForm
from models_hub.models import Finding, ModelCard, ModelFile, ModelVersion
from models_hub.search import hashes
from visionary.common import guest_pages

REVIEWS = 10
RELATED = 6


@require_GET
@guest_pages.remembered
def model(request, slug):
    card = found(request.user, slug)
    if not shelf.readable(request.user).filter(pk=card.pk).exists():
        return render(request, "models_hub/gated.html", {"card": card}, status=403)
    return render(
        request, "models_hub/model.html", page_of(request, card, chosen(card, request.GET.get("version", "")))
    )


def found(user, slug):
    """A card with its versions as far as `user` may see them."""
    cards = ModelCard.objects.visible_to(user).select_related("owner__profile", "cover")
    kept = ModelFile.objects.prefetch_related("hashes", Prefetch("findings", Finding.objects.order_by("id")))
    versions = ModelVersion.objects.visible_to(user).prefetch_related("samples", Prefetch("files", kept))
    return get_object_or_404(cards.prefetch_related("tags", Prefetch("versions", versions)), slug=slug)


def chosen(card, wanted):
    """The version asked for, else the newest that is published, else the newest."""
    versions = list(card.versions.all())
    named = next((one for one in versions if str(one.pk) == wanted), None)
    public = (one for one in versions if one.status == ModelVersion.Status.PUBLISHED)
    return named or next(public, versions[0] if versions else None)


def page_of(request, card, version, form=None):
    """What the page shows. A fixed number of queries, however much was said and drawn."""
    context = {"card": card, "version": version, "versions": list(card.versions.all())}
    context |= {"related": related(card, request.user), "address": request.build_absolute_uri(card.get_absolute_url())}
    if version is None:
        return context
    version.card = card
    link_samples(version, request.user)
    return context | downloads_of(request, card, version) | reviews_of(request, version, form)


def link_samples(version, user):
    """`made_with` of every sample: cards of the models that its picture's notes name by hash, where they are here."""
    samples = list(version.samples.all())
    named = {sample.pk: hashes_in(sample.facts) for sample in samples}
    wanted = {value for values in named.values() for value in values}
    known = hashes.with_hashes(wanted) if wanted else {}
    keys = {one.card_id for found in known.values() for one in found}
    seen = set(shelf.readable(user).filter(pk__in=keys).values_list("pk", flat=True)) if keys else set()
    for sample in samples:
        cards = {one.card for value in named[sample.pk] for one in known.get(value, []) if one.card_id in seen}
        sample.made_with = sorted(cards - {version.card}, key=lambda card: card.pk)


def hashes_in(facts):
    """The hashes that the notes of a picture made elsewhere name its model and LoRAs by."""
    said = [facts.get("model_hash"), *(lora.get("sha256") for lora in facts.get("loras") or [])]
    return [value.lower() for value in said if isinstance(value, str) and value]


def downloads_of(request, card, version):
    """What can be taken home, and how by the command line."""
    version_files = list(version.files.all())
    for file in version_files:
        file.version = version
    if not version_files or version.status == ModelVersion.Status.DRAFT:
        return {"files": version_files, "variants": []}
    variants = files.variants(version, card.slug)
    best = variants[0] if variants else None
    return {"files": version_files, "variants": variants, "curl": curl_of(request, version, best) if best else ""}


def curl_of(request, version, variant):
    """The line for a shell; the link in it is the reader's own. Guests get one where they may download."""
    address = request.build_absolute_uri(variant.url)
    if request.user.is_authenticated:
        key = f"file:{variant.file.pk}" if variant.file else f"version:{version.pk}"
        address += f"?sig={links.sign(key, request.user)}"
    elif version.login_to_download:
        return ""
    return links.curl(address, variant.name)


def reviews_of(request, version, form=None):
    user = request.user
    said = list(reviews.shown(version).select_related("user__profile")[: REVIEWS + 1])
    mine = version.reviews.filter(user=user).first() if user.is_authenticated else None
    known = {"recommends": "1" if mine.recommends else "0", "text": mine.text} if mine else None
    return {
        "reviews": said[:REVIEWS],
        "more_reviews": len(said) > REVIEWS,
        "my_review": mine,
        "review_form": form or ReviewForm(initial=known),
        "may_review": user.is_authenticated and version.card.owner_id != user.pk and not user.is_muted,
    }


def related(card, user):
    """Models with the same tags first, then of the same family and kind."""
    cards = ModelCard.objects.published().filter(content_level__lte=shelf.level_of(user)).exclude(pk=card.pk)
    tags = [tag.pk for tag in card.tags.all()]
    alike = cards.filter(tags__in=tags).distinct().order_by("-likes", "-pk") if tags else cards.none()
    near = list(shelf.for_shelf(alike)[:RELATED])
    if len(near) < RELATED:
        others = cards.filter(family=card.family, kind=card.kind).exclude(pk__in=[one.pk for one in near])
        near += shelf.for_shelf(others.order_by("-likes", "-pk"))[: RELATED - len(near)]
    return near
