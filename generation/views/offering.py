"""The models that the form offers at once; all others are found in the picker."""

from django.db.models import Max

from generation.forms import shapes
from generation.models import Job
from models_hub import shelf
from models_hub.models import ModelCard, ModelVersion

MOST = 12


def checkpoints():
    """Published checkpoints with what a card of the form shows."""
    usable = ModelCard.objects.published().with_cover().filter(kind=ModelCard.Kind.CHECKPOINT)
    return usable.filter(versions__status="published").distinct()


def cards(user, chosen=""):
    """At most MOST cards: the one chosen (a slug), those that `user` used last, then the oldest of the site."""
    recent = last_used(user)
    # By themselves they come up only as far as the reader wants to see models; by name, or used before, always.
    first = list(checkpoints().filter(pk__in=shelf.readable(user)).order_by("pk")[:MOST])
    known = {card.pk: card for card in first}
    missing = [pk for pk in recent if pk not in known]
    known |= {card.pk: card for card in checkpoints().filter(pk__in=missing)} if missing else {}
    places = dict.fromkeys([*recent, *(card.pk for card in first)])
    found = [known[pk] for pk in places if pk in known][:MOST]
    if chosen and chosen not in {card.slug for card in found}:
        found = [*checkpoints().filter(slug=chosen), *found][:MOST]
    # Their order is that of the site, so that nothing moves with every use.
    return sorted(found, key=lambda card: card.pk)


def last_used(user):
    """Ids of the cards of checkpoints that the user's jobs used, the latest first."""
    if not user.is_authenticated:
        return []
    jobs = Job.objects.for_user(user).order_by().values_list("version__card")
    return [pk for pk, _at in jobs.annotate(at=Max("created_at")).order_by("-at")[:MOST]]


def choice(card):
    """What a card of the form shows: {"card", "version", "sample", "shapes"}."""
    version = card.versions.all()[0]
    sample = next(iter(version.samples.all()), None)
    return {"card": card, "version": version, "sample": sample, "shapes": shapes(version)}


def slugs_of(rows):
    """{version id: slug} of the LoRAs that `rows` name by their version."""
    ids = [row["version_id"] for row in rows if row.get("version_id")]
    found = ModelVersion.objects.published().loras().filter(pk__in=ids) if ids else ModelVersion.objects.none()
    return dict(found.values_list("pk", "card__slug"))
