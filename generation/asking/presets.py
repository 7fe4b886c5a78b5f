"""Presets: the whole generate form under a name, loaded again, put in order, shared by a link."""

import re
import secrets

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from generation.limits import BadValue
from generation.models import Preset, StyleTemplate
from models_hub.models import ModelCard
from visionary.common.exceptions import DomainError

MOST = 50
MAX_NAME = 60
# A form has about forty fields and a prompt of 2,000 characters; the rest is somebody's own request.
MAX_FIELDS, MAX_ROWS, MAX_VALUE = 80, 16, 4000
FIELD = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What belongs to one press of the button, or to one user: pictures are private, and a link may be shared.
LEFT_OUT = {
    *("csrfmiddlewaretoken", "publish", "source", "mask", "control_source", "remix_of", "from", "is_variation"),
    *("idempotency_key", "group", "name", "preset", "shared", "kept", "next"),
}
# Fields that name models by their slug.
MODELS = ("model", "lora", "embeddings", "vae", "control")


class TooMany(DomainError):
    code = "too_many_presets"
    status = 409


def values_of(form):
    """{field: [values]} of what a form (a QueryDict) holds, as far as a preset keeps it."""
    names = [name for name in form if FIELD.fullmatch(name) and name not in LEFT_OUT][:MAX_FIELDS]
    found = {name: [clean(value) for value in form.getlist(name)[:MAX_ROWS]] for name in names}
    return {name: values for name, values in found.items() if any(values)}


def clean(value):
    """As text that every database keeps: JSON may hold halves of characters."""
    return str(value).replace("\x00", "")[:MAX_VALUE].encode(errors="ignore").decode()


@transaction.atomic
def save(*, owner, name, values):
    """A new Preset of `owner`, the last of the list. Raises BadValue, TooMany."""
    # Locks the owner's row: two tabs saving at once count one after the other.
    User.objects.select_for_update().get(pk=owner.pk)
    if Preset.objects.filter(owner=owner).count() >= MOST:
        raise TooMany(_("You have %(most)d presets, the most there can be. Delete one first.") % {"most": MOST})
    last = Preset.objects.filter(owner=owner).aggregate(last=Max("position"))["last"]
    preset = Preset(owner=owner, values=values, position=0 if last is None else last + 1)
    return named(preset, name)


def rename(*, preset, name):
    """Raises BadValue for no name, and for one that another preset has."""
    return named(preset, name)


def named(preset, name):
    preset.name = " ".join(clean(name or "").split())
    if not preset.name:
        raise BadValue(_("Name: type what the preset is called."), field="name", code="required")
    if len(preset.name) > MAX_NAME:
        message = _("Name: use at most %(most)d characters; these are %(now)d.")
        raise BadValue(message % {"most": MAX_NAME, "now": len(preset.name)}, field="name")
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError:
        message = _("Name: you have a preset “%(name)s” already. Choose another name, or overwrite that one.")
        raise BadValue(message % {"name": preset.name}, field="name", code="taken") from None
    return preset


def overwrite(*, preset, values):
    """What the form holds now, under the same name and the same link."""
    preset.values = values
    preset.save(update_fields=["values"])
    return preset


@transaction.atomic
def move(*, preset, place):
    """Put a preset in `place` (from 0) among its owner's; a place beyond the end is the end."""
    rows = list(Preset.objects.select_for_update().filter(owner=preset.owner_id).exclude(pk=preset.pk))
    rows.insert(max(0, place), preset)
    for position, row in enumerate(rows):
        row.position = position
    Preset.objects.bulk_update(rows, ["position"])
    return preset


def share(preset):
    """Give the preset a link that cannot be guessed; the same one while it is shared."""
    if not preset.share_token:
        preset.share_token = secrets.token_urlsafe(18)
        preset.save(update_fields=["share_token"])
    return preset


def unshare(preset):
    """The link leads nowhere from now on; sharing again gives another one."""
    preset.share_token = None
    preset.save(update_fields=["share_token"])
    return preset


def shared(token):
    """The preset behind a link, or None; with its owner's account closed, the link is too."""
    found = Preset.objects.filter(share_token=token, owner__is_active=True) if token else Preset.objects.none()
    return found.select_related("owner").first()


def opened(query, user):
    """The preset that the address asks for (`preset` of one's own, `shared` by link), or None."""
    number = query.get("preset", "")
    if number.isascii() and number.isdecimal() and len(number) < 19 and user.is_authenticated:
        return Preset.objects.filter(owner=user, pk=int(number)).first()
    return shared(query.get("shared", ""))


def form_of(preset):
    """(QueryDict for the generate form, sentences about what is gone). Rows of what is gone are left out."""
    values = {name: list(rows) for name, rows in preset.values.items() if isinstance(rows, list)}
    notes = [*drop_models(values), *drop_styles(values)]
    form = QueryDict(mutable=True)
    for name, rows in values.items():
        form.setlist(name, [clean(row) for row in rows])
    return form, notes


def drop_models(values):
    """Take the models out of `values` that cannot be used any more, with their weights; say so for each."""
    wanted = {slug for name in MODELS for slug in values.get(name, []) if slug}
    usable = ModelCard.objects.published().filter(slug__in=wanted, versions__isnull=False)
    known = set(usable.values_list("slug", flat=True)) if wanted else set()
    for name in MODELS:
        rows, weights = values.get(name, []), values.get(f"{name}_weight", [])
        kept = [place for place, slug in enumerate(rows) if not slug or slug in known]
        if len(kept) < len(rows):
            values[name] = [rows[place] for place in kept]
            values[f"{name}_weight"] = [weights[place] for place in kept if place < len(weights)]
    message = _("The model “%(slug)s” is not on this site any more; the preset is loaded without it.")
    return [message % {"slug": slug} for slug in sorted(wanted - known)]


def drop_styles(values):
    wanted = {slug for slug in values.get("styles", []) if slug}
    offered = StyleTemplate.objects.filter(slug__in=wanted, is_active=True)
    known = set(offered.values_list("slug", flat=True)) if wanted else set()
    if wanted - known:
        values["styles"] = [slug for slug in values["styles"] if slug in known]
    message = _("The style “%(slug)s” is not offered any more; the preset is loaded without it.")
    return [message % {"slug": slug} for slug in sorted(wanted - known)]
