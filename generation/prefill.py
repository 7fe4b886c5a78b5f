"""What the generate page starts from: the address, what a guest had typed, or the recipe of a picture to remix."""

import uuid
from itertools import zip_longest

from django.http import QueryDict

from gallery.models import Picture

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
    *("outpaint_left", "outpaint_top", "outpaint_right", "outpaint_bottom"),
    *("vae", "control", "preprocessor", "control_weight", "clip_skip"),
    *("x_axis", "x_values", "y_axis", "y_values"),
)
# Fields with several values.
LISTS = ("styles", "embeddings")
# Characters of a value. Well over the fields' own limits, so that the form says what is too long instead of cutting
# it; not more, because a session is a row of the database.
MAX_VALUE = 20_000
MOST_LORAS = 4
MOST_ROWS = 8
# Where a guest's request waits in the session until they have registered: an address holds 130 Chinese characters.
KEPT = "asked_as_guest"


def keep(session, asked):
    """Keep what a guest asked for (a form's QueryDict) while they register."""
    names = [name for name in (*FROM_ADDRESS, *LISTS, "lora", "lora_weight") if asked.get(name)]
    session[KEPT] = {name: [value[:MAX_VALUE] for value in asked.getlist(name)[:MOST_ROWS]] for name in names}


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
    if query.get("only") == "prompt":
        values, loras, source = {name: values[name] for name in ("prompt",) if name in values}, [], None
    values |= {name: query[name][:MAX_VALUE] for name in FROM_ADDRESS if query.get(name)}
    values |= {name: query.getlist(name)[:MOST_ROWS] for name in LISTS if query.get(name)}
    weights = zip_longest(query.getlist("lora")[:MOST_LORAS], query.getlist("lora_weight")[:MOST_LORAS])
    loras += [{"slug": slug, "weight": weight or 1} for slug, weight in weights if slug]
    return values, loras, source


def remixed(picture_id, user):
    """The picture to remix, when `user` may see it; a mistyped id is no picture."""
    try:
        key = uuid.UUID(picture_id or "")
    except ValueError:
        return None
    return Picture.objects.visible_to(user).with_details().filter(pk=key, recipe__isnull=False).first()


def from_recipe(recipe):
    """Everything but the seed, so that a remix is a new picture."""
    names = ("prompt", "negative_prompt", "steps", "guidance", "sampler", "width", "height", "upscale")
    values = {name: getattr(recipe, name) for name in names}
    if recipe.version:
        values["model"] = recipe.version.card.slug
    loras = [{"version_id": lora.get("version_id"), "weight": lora.get("weight", 1)} for lora in recipe.loras]
    return values, loras
