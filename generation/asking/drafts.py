"""Requests, checked: all of a job but its row, so that a grid can be checked whole before any of it is written."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from generation import limits
from generation.asking import resources, sizes, sources
from generation.asking.queue import now_position
from generation.asking.resources import Resources
from generation.models import Job, JobLora, Source
from generation.prompting import resolve as resolve_words
from generation.scheduling import batching
from safety import services as safety

# What a version that recommends nothing is drawn with.
DEFAULTS = {"steps": 20, "guidance": 7.0, "sampler": "dpmpp_2m", "width": 512, "height": 512}
STRENGTHS = {Job.Kind.IMG2IMG: 0.6, Job.Kind.INPAINT: 0.8}
NEEDS_SOURCE = {Job.Kind.IMG2IMG, Job.Kind.INPAINT, Job.Kind.OUTPAINT, Job.Kind.UPSCALE}
# The numbers and words of a request.
ASKED = (
    *("prompt", "negative_prompt", "steps", "guidance", "sampler", "width", "height", "seed", "count", "upscale"),
    *("kind", "strength", "outpaint", "mask_blur", "preprocessor", "control_weight", "clip_skip"),
)
# The rows that a request names.
ROWS = ("source", "mask", "control_source", "vae", "control", "remix_of")


@dataclass(frozen=True)
class Draft:
    """A job that may be written: `fields` are columns of Job, `resources` its LoRAs and embeddings, `digest` the
    same for the same request."""

    fields: dict
    resources: Resources
    digest: str = ""
    megapixel_steps: float = field(default=0.0)

    def write(self, *, owner, **more):
        """The row, inside the caller's transaction."""
        job = Job(owner=owner, request_digest=self.digest, position=now_position(), **(self.fields | more))
        job.batch_key = batching.key(job, loras=self.resources.loras, embeddings=self.resources.embeddings)
        job.save(force_insert=True)
        JobLora.objects.bulk_create(
            JobLora(job=job, version=one, weight=weight) for one, weight in self.resources.loras
        )
        if self.resources.embeddings:
            job.embeddings.set(self.resources.embeddings)
        return job


def draft(*, owner, version, prompt, negative_prompt="", loras=(), embeddings=(), styles=(), **asked):
    """A Draft of what was asked for, all of it checked. Raises BadValue, Misfit, DomainError.

    `asked` holds the columns of Job that are given. A prompt that comes with its `prompt_asked` (which may be empty)
    has been resolved already, and is drawn as it stands.
    """
    asked |= {"prompt": prompt, "negative_prompt": negative_prompt or ""}
    digest = request_digest(version, asked, loras, embeddings, styles)
    check_owned(owner, asked)
    kind = kind_of(asked)
    seed = asked.get("seed")
    asked["seed"] = secrets.randbelow(limits.MAX_SEED - limits.MAX_COUNT) if seed is None else seed
    if kind != Job.Kind.UPSCALE:
        asked, loras = worded(asked, loras, styles, version)
    used = Resources(tuple(loras), tuple(embeddings), asked.get("vae"), asked.get("control"))
    fields = resolve(version, asked | {"kind": kind})
    check(fields, version, used)
    return Draft(fields | {"version": version}, used, digest, megapixel_steps(fields))


def worded(asked, loras, styles, version):
    """(asked with its prompts as they are drawn, loras with those of its tags). Raises BadValue, DomainError."""
    limits.check_words(asked["prompt"], asked["negative_prompt"])
    readings = [(asked[name], name) for name in ("prompt", "negative_prompt")]
    if asked.get("prompt_asked") is None:
        words = resolve_words(
            asked["prompt"],
            seed=asked["seed"],
            styles=styles,
            negative=asked["negative_prompt"],
            family=version.card.family,
        )
        readings, loras = words.readings(), words.with_loras(loras)
        asked = asked | {"prompt": words.text, "negative_prompt": words.negative, "prompt_asked": words.asked}
    else:
        readings.append((asked["prompt_asked"], "prompt"))
    for text, name in readings:
        safety.check_prompt(text, field=name)
    return asked, loras


def check(fields, version, used):
    """Raise DomainError unless all of a job can be drawn."""
    if fields["kind"] == Job.Kind.UPSCALE:
        return check_enlarging(fields)
    limits.check(fields, version.card.family)
    resources.check(version, used)
    check_control(fields)
    fields["prefix"], fields["negative_prefix"] = safety.guard()
    return None


def check_owned(owner, asked):
    """Sources are private: raise BadValue for somebody else's, as for one that is not there, and BadSource for a copy
    whose author does not let others start from it any more."""
    for name in ("source", "mask", "control_source"):
        if not (source := asked.get(name)):
            continue
        if not Source.objects.for_user(owner).filter(pk=source.pk).exists():
            message = _("This source picture is gone. Choose it again.")
            raise limits.BadValue(message, field=name, code="gone")
        if source.picture and source.picture.owner_id != owner.pk:
            sources.check_reusable(source.picture, owner)


def kind_of(asked):
    """The kind asked for, else the one that follows from what was given. Raises BadValue."""
    kind = asked.get("kind") or (implied(asked) if asked.get("source") else Job.Kind.TXT2IMG)
    if kind not in Job.Kind.values:
        raise limits.BadValue(_("Kind: choose one of the list."), field="kind")
    if kind in NEEDS_SOURCE and not asked.get("source"):
        message = _("Source: choose the picture to start from.")
        raise limits.BadValue(message, field="source", code="required")
    if kind == Job.Kind.INPAINT and not asked.get("mask"):
        raise limits.BadValue(_("Mask: paint the part to draw anew."), field="mask", code="required")
    return Job.Kind(kind)


def implied(asked):
    if asked.get("mask"):
        return Job.Kind.INPAINT
    return Job.Kind.OUTPAINT if any((asked.get("outpaint") or {}).values()) else Job.Kind.IMG2IMG


def resolve(version, asked):
    """All columns of a job, with what was not asked for taken from the source, the version, the site or chance."""
    recommended = {key: version.settings[key] for key in DEFAULTS if key in version.settings}
    given = {key: value for key, value in asked.items() if value is not None}
    kind, family = given["kind"], version.card.family
    fields = {"count": 1, "upscale": 1, **DEFAULTS, **recommended, **from_source(given, family), **given}
    if kind == Job.Kind.OUTPAINT:
        fields["outpaint"] = sizes.check_outpaint(given.get("outpaint") or {})
        source = given["source"]
        fields["width"], fields["height"] = sizes.outpainted((source.width, source.height), fields["outpaint"], family)
    if kind == Job.Kind.UPSCALE:
        fields |= enlarged(given["source"])
    fields["strength"] = fields.get("strength", STRENGTHS.get(kind)) if kind in STRENGTHS else None
    return without_unused(fields)


def enlarged(source):
    """The columns of an enlargement; what made the picture is told again."""
    recipe = getattr(source.picture, "recipe", None)
    words = {name: getattr(recipe, name) for name in ("prompt", "negative_prompt", "seed", "steps")} if recipe else {}
    return words | {"width": source.width, "height": source.height, "upscale": 4, "count": 1}


def without_unused(fields):
    """What this kind does not read is not kept: a form may still hold a source when its kind has been changed."""
    kind = fields["kind"]
    unused = set() if kind in NEEDS_SOURCE else {"source"}
    unused |= set() if kind == Job.Kind.INPAINT else {"mask", "mask_blur"}
    unused |= set() if kind == Job.Kind.OUTPAINT else {"outpaint"}
    unused |= set() if fields.get("control") else {"control_source", "control_weight", "preprocessor"}
    if kind == Job.Kind.UPSCALE:
        unused |= {"control", "control_source", "vae"}
    if fields.get("control") and not fields.get("control_source") and fields.get("source"):
        fields["control_source"] = fields["source"]
    return {name: value for name, value in fields.items() if name not in unused}


def from_source(given, family):
    """The size of the source, fitted to what the model draws, when no size was asked for."""
    source = given.get("source")
    if given["kind"] not in {Job.Kind.IMG2IMG, Job.Kind.INPAINT} or "width" in given or "height" in given:
        return {}
    width, height = sizes.fit(source.width, source.height, family)
    return {"width": width, "height": height}


def check_control(fields):
    if not fields.get("control"):
        return
    if not fields.get("control_source"):
        message = _("Guide picture: choose the picture that the ControlNet follows, or remove the ControlNet.")
        raise limits.BadValue(message, field="control_source", code="required")
    if fields.get("preprocessor", "none") not in limits.PREPROCESSORS:
        raise limits.BadValue(_("Preprocessor: choose one of the list."), field="preprocessor")


def check_enlarging(fields):
    if fields["width"] * fields["height"] > limits.MAX_ENLARGED:
        message = _("Source: pictures up to %(most)d megapixel can be enlarged; this one is %(width)d × %(height)d.")
        size = {"width": fields["width"], "height": fields["height"], "most": limits.MAX_ENLARGED // 2**20}
        raise limits.BadValue(message % size, field="source")


def megapixel_steps(fields):
    """What a job costs: millions of pixels times steps times pictures."""
    return fields["width"] * fields["height"] / 1e6 * fields["steps"] * fields["count"]


def request_digest(version, asked, loras, embeddings, styles):
    """What tells whether a second request with the same key is the same request."""
    rows = [asked.get(name) and str(asked[name].pk) for name in ROWS]
    used = [[(lora.pk, weight) for lora, weight in loras], [one.pk for one in embeddings], [one.pk for one in styles]]
    values = [asked.get(name) for name in ASKED]
    parts = [version.pk, bool(asked.get("publish")), used, rows, values, asked.get("is_variation")]
    return hashlib.sha256(json.dumps(parts, default=str, sort_keys=True).encode()).hexdigest()
