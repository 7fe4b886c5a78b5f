"""What the generate page starts from: the address, what a guest had typed, or the recipe of a picture to remix."""

from itertools import zip_longest

from django.http import QueryDict

from gallery.models import Picture
from generation import limits
from generation.asking import sources
from generation.engine.samplers import SAMPLERS
from generation.models import Job
from models_hub.models import ModelVersion

# A recipe says "DPM++ 2M Karras" as other tools do; the form wants the slug.
SLUGS = {sampler.label: sampler.slug for sampler in SAMPLERS.values()}
FROM_ADDRESS = (
    "prompt",
    "negative_prompt",
    "model",
    "shape",
    "steps",
    "guidance",
    "sampler",
    "seed",
    "width",
    "height",
    "count",
    "upscale",
    "kind",
    "strength",
    "mask_blur",
    "is_variation",
    *("outpaint_left", "outpaint_top", "outpaint_right", "outpaint_bottom"),
    *("vae", "control", "preprocessor", "control_weight", "clip_skip"),
    *("x_axis", "x_values", "y_axis", "y_values"),
)
# Fields with several values.
LISTS = ("styles", "embeddings")
# Characters of a value. Well over the fields' own limits, so that the form says what is too long instead of cutting
# it; not more, because a session is a row of the database.
MAX_VALUE = 20_000
# Characters of all values: whoever sends requests without signing in does not fill the database.
MOST_KEPT = 60_000
MOST_LORAS = 4
MOST_ROWS = 8
# Where a guest's request waits in the session until they have registered: an address holds 130 Chinese characters.
KEPT = "asked_as_guest"


def keep(session, asked):
    """Keep what a guest asked for (a form's QueryDict) while they register."""
    names = [name for name in (*FROM_ADDRESS, *LISTS, "lora", "lora_weight") if asked.get(name)]
    kept, room = {}, MOST_KEPT
    for name in names:
        values = [value[:MAX_VALUE] for value in asked.getlist(name)[:MOST_ROWS]]
        room -= sum(map(len, values))
        if room >= 0:
            kept[name] = values
    session[KEPT] = kept


def kept(session):
    """What `keep` has kept, as a QueryDict; an empty one when there is nothing."""
    asked = QueryDict(mutable=True)
    for name, values in session.get(KEPT, {}).items():
        asked.setlist(name, values)
    return asked


def initial(query, user):
    """(initial values, LoRA rows, the remixed picture or None)."""
    source = remixed(query.get("from"), user)
    values, loras = from_recipe(source.recipe) if source else ({}, [])
    values |= start_from(query, user, source)
    if source:
        values["remix_of"] = str(source.pk)
    if query.get("only") == "prompt":
        values, loras, source = {name: values[name] for name in ("prompt",) if name in values}, [], None
    values |= {name: query[name][:MAX_VALUE] for name in FROM_ADDRESS if query.get(name)}
    values |= {name: query.getlist(name)[:MOST_ROWS] for name in LISTS if query.get(name)}
    weights = zip_longest(query.getlist("lora")[:MOST_LORAS], query.getlist("lora_weight")[:MOST_LORAS])
    loras += [{"slug": slug, "weight": weight or 1} for slug, weight in weights if slug]
    return values, loras, source


def remixed(picture_id, user):
    """The picture to remix, when `user` may see it; a mistyped id is no picture."""
    key = sources.uuid_of(picture_id)
    return Picture.objects.visible_to(user).with_details().filter(pk=key, recipe__isnull=False).first()


def from_recipe(recipe):
    """Everything but the seed, so that a remix is a new picture."""
    names = ("prompt", "negative_prompt", "steps", "guidance", "width", "height", "strength", "clip_skip")
    values = {name: getattr(recipe, name) for name in names if getattr(recipe, name) is not None}
    values["sampler"] = SLUGS.get(recipe.sampler, recipe.sampler)
    values["upscale"] = min(recipe.upscale, limits.UPSCALES[-1])
    if recipe.version:
        values["model"] = recipe.version.card.slug
    loras = [{"version_id": lora.get("version_id"), "weight": lora.get("weight", 1)} for lora in recipe.loras]
    return values | worn(recipe.resources), loras


def worn(used):
    """The fields of a recipe's VAE, ControlNet and textual inversions, as far as they are still on the site."""
    ids = [one["version_id"] for one in used if one.get("version_id")]
    versions = ModelVersion.objects.published().select_related("card").in_bulk(ids) if ids else {}
    values = {}
    for one in used:
        if version := versions.get(one.get("version_id")):
            slug = version.card.slug
            values[one["role"]] = [*values.get(one["role"], []), slug] if one["role"] == "embedding" else slug
        if one["role"] == "control":
            values |= {"control_weight": one.get("weight", 1.0), "preprocessor": one.get("preprocessor", "none")}
    if "embedding" in values:
        values["embeddings"] = values.pop("embedding")
    return values


def start_from(query, user, remix):
    """{"kind", "source"}: `?source=<picture>&kind=inpaint` starts from that picture, which is stored only when the form
    is sent; a remix of one's own picture from what that one was made from. Nothing where the reader may not."""
    if not user.is_authenticated:
        return {}
    if offered := sources.offered(user, f"{sources.OFFERED}{query.get('source', '')}"):
        kind = query.get("kind") if query.get("kind") in Job.Kind.values else Job.Kind.IMG2IMG
        return {"kind": kind, "source": offered.pk, "remix_of": str(offered.picture.pk)}
    return same_source(remix, user) if remix else {}


def same_source(remix, user):
    job = Job.objects.filter(results__picture=remix.pk, owner=user).first()
    if job is None or job.kind in {Job.Kind.TXT2IMG, Job.Kind.UPSCALE} or not job.source_id:
        return {}
    ids = {name: str(getattr(job, f"{name}_id") or "") for name in ("source", "mask", "control_source")}
    sides = {f"outpaint_{side}": pixels for side, pixels in job.outpaint.items()}
    return {"kind": job.kind, "mask_blur": job.mask_blur, **ids, **sides}
