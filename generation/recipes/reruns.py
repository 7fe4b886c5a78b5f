"""Making a picture again: exactly as its recipe says, or with a little change."""

from dataclasses import dataclass, field
from importlib import metadata

from django.utils.translation import gettext as _

from generation import limits, services
from generation.asking import sources
from generation.asking.prefill import SLUGS
from generation.engine import originals
from generation.engine.samplers import SAMPLERS
from generation.models import Job
from generation.recipes import specs
from generation.scheduling import workers_report
from models_hub.models import ModelCard, ModelVersion
from safety import services as safety
from visionary.common.exceptions import DomainError

VARIATIONS = 4
VARIATION_STRENGTH = 0.5
# What a worker announces of itself, and how a sentence calls it.
MACHINE = ("device", "dtype", "threads")


class CannotRerun(DomainError):
    code = "cannot_rerun"
    status = 409


@dataclass
class Plan:
    """What a picture would be made with now. `differences` and `obstacles` are sentences; with obstacles it cannot be.

    is_alone: drawn by itself. In a batch sums are rounded in another order, so that a pixel may differ by 1 of 255.
    `asked` is for submit_job, but for the sources, which `sources_of` takes in when it is submitted.
    """

    asked: dict = field(default_factory=dict)
    is_alone: bool = True
    differences: list = field(default_factory=list)
    obstacles: list = field(default_factory=list)


def differences(recipe, by=None):
    """Sentences that say how a rerun of `recipe` now, by a user, would differ; empty when it should not."""
    found = plan(recipe, by)
    return found.obstacles + found.differences


def plan(recipe, by=None):
    """The Plan for a gallery.Recipe. A fixed number of queries."""
    found = Plan(asked=settings_of(recipe), is_alone=recipe.facts.get("drawn_together", 1) == 1)
    job = job_of(recipe)
    if recipe.kind != Job.Kind.UPSCALE:
        add_models(found, recipe)
        add_place(found, recipe)
    else:
        found.asked["version"] = recipe.version or any_checkpoint(found)
    add_sources(found, recipe, job, by)
    return found


def settings_of(recipe):
    """The columns of a job that the recipe says."""
    names = ("prompt", "prompt_asked", "negative_prompt", "seed", "steps", "guidance", "width", "height", "strength")
    asked = {name: getattr(recipe, name) for name in (*names, "clip_skip", "kind")}
    asked["upscale"] = recipe.upscale if recipe.upscale in limits.UPSCALES else limits.UPSCALES[-1]
    return asked | {"sampler": sampler_slug(recipe.sampler), "count": 1}


def sampler_slug(label):
    """The slug of a recipe's sampler, or None for one that is not known any more."""
    return SLUGS.get(label, label if label in SAMPLERS else None)


def job_of(recipe):
    """The job that made the picture, with its sources; None when it is gone."""
    rows = Job.objects.filter(results__picture=recipe.picture_id)
    return rows.select_related("source__picture", "mask", "control_source__picture").first()


def add_models(found, recipe):
    """The checkpoint and everything worn with it, by what identifies their weights."""
    hashes = [recipe.model_sha256, *(one["sha256"] for one in [*recipe.loras, *recipe.resources])]
    there = {
        one.sha256: one for one in ModelVersion.objects.published().filter(sha256__in=hashes).select_related("card")
    }
    found.asked["version"] = checkpoint(found, recipe, there)
    found.asked["loras"] = [
        (there[one["sha256"]], one.get("weight", 1)) for one in recipe.loras if is_there(found, one, "LoRA", there)
    ]
    for one in recipe.resources:
        label = str(ModelCard.Kind("controlnet" if one["role"] == "control" else one["role"]).label)
        if not is_there(found, one, label, there):
            continue
        if one["role"] == "embedding":
            found.asked.setdefault("embeddings", []).append(there[one["sha256"]])
        else:
            found.asked[one["role"]] = there[one["sha256"]]
        if one["role"] == "control":
            found.asked |= {"control_weight": one.get("weight", 1.0), "preprocessor": one.get("preprocessor", "none")}


def checkpoint(found, recipe, there):
    version = there.get(recipe.model_sha256)
    if version is None:
        names = {"model": recipe.model_name}
        cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.CHECKPOINT, name=recipe.model_name)
        version = ModelVersion.objects.published().filter(card__in=cards).select_related("card").first()
        if version is None:
            found.obstacles.append(_("The model “%(model)s” is not on this site any more.") % names)
            return None
        names["version"] = version.name
        found.differences.append(
            _("The version of “%(model)s” that drew it is gone; version %(version)s draws instead.") % names
        )
    if not version.full_path.exists():
        found.obstacles.append(_("The weights of “%(model)s” are gone.") % {"model": version.card.title})
    return version


def is_there(found, one, label, there):
    if one["sha256"] in there:
        return True
    message = _("%(kind)s “%(name)s” is not on this site any more; it is drawn without.")
    found.differences.append(message % {"kind": label, "name": one["name"]})
    return False


def any_checkpoint(found):
    """An enlargement loads no model, but every job names one."""
    version = ModelVersion.objects.published().checkpoints().select_related("card").first()
    if version is None:
        found.obstacles.append(_("There is no model on this site."))
    return version


def add_place(found, recipe):
    """What differs in the machine, its software, and what the site puts before prompts."""
    if found.asked["sampler"] is None:
        message = _("The sampler “%(sampler)s” is not known any more; the recommended one draws instead.")
        found.differences.append(message % {"sampler": recipe.sampler})
    if (recipe.prefix, recipe.negative_prefix) != tuple(safety.guard()):
        found.differences.append(_("The site puts other words before the prompt than it did then."))
    found.differences += [*other_machine(recipe.facts, found.asked["version"]), *other_libraries(recipe.facts)]


def other_machine(facts, version):
    """A worker that is like the one that drew it, in whatever is known of both, is enough."""
    workers = [one for one in workers_report.live_workers() if one.get("device")]
    if version and workers and originals.is_small(specs.checkpoint_ref(version)):
        workers = [one | one.get("small", {}) for one in workers]
    known = [name for name in MACHINE if facts.get(name)]
    if not workers or any(is_alike(one, facts, known) for one in workers):
        return
    worker = workers[0]
    for name in known:
        if worker.get(name) and worker[name] != facts[name]:
            message = _("Then it was drawn with %(name)s %(then)s, now it would be %(now)s.")
            yield message % {"name": machine_name(name), "then": facts[name], "now": worker[name]}


def is_alike(worker, facts, known):
    return all(not worker.get(name) or worker[name] == facts[name] for name in known)


def machine_name(name):
    return {"device": _("device"), "dtype": _("number format"), "threads": _("threads")}[name]


def other_libraries(facts):
    for name, then in (facts.get("versions") or {}).items():
        try:
            now = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if now != then:
            message = _("Then it was drawn by %(name)s %(then)s, now by %(now)s.")
            yield message % {"name": name, "then": then, "now": now}


def add_sources(found, recipe, job, by):
    """What the picture was made from; what is kept of the job is put into `asked`."""
    guided = any(one["role"] == "control" for one in recipe.resources)
    wanted = {
        "source": recipe.kind != Job.Kind.TXT2IMG,
        "mask": recipe.kind == Job.Kind.INPAINT,
        "control_source": guided and recipe.kind != Job.Kind.UPSCALE,
    }
    for name in (name for name, is_wanted in wanted.items() if is_wanted):
        row = getattr(job, name, None)
        if row is None or not row.path.exists():
            found.obstacles.append(GONE[name]())
        elif not may_use(row, by):
            found.obstacles.append(PRIVATE[name]())
        else:
            found.asked[name] = row
    if job and recipe.kind in {Job.Kind.INPAINT, Job.Kind.OUTPAINT}:
        found.asked |= {"mask_blur": job.mask_blur, "outpaint": job.outpaint}


GONE = {
    "source": lambda: _("The picture it started from is gone."),
    "mask": lambda: _("Its mask is gone."),
    "control_source": lambda: _("Its guide picture is gone."),
}
PRIVATE = {
    "source": lambda: _("The picture it started from is not open to you."),
    "mask": lambda: _("Its mask belongs to its author alone."),
    "control_source": lambda: _("Its guide picture is not open to you."),
}


def may_use(row, by):
    """One's own source, or a copy of a picture of the site that `by` may start from."""
    if by is None or row.owner_id == by.pk:
        return True
    try:
        sources.check_reusable(row.picture, by)
    except (DomainError, AttributeError):  # an upload has no picture
        return False
    return True


def rerun(*, picture, by, idempotency_key=None):
    """Queue `picture` again with its exact seed and settings. Raises CannotRerun, DomainError."""
    found = plan(picture.recipe, by)
    if found.obstacles:
        raise CannotRerun(" ".join(found.obstacles))
    asked = found.asked | own_copies(found.asked, by)
    return services.submit_job(owner=by, remix_of=picture, idempotency_key=idempotency_key, **asked)


def own_copies(asked, by):
    """Sources of somebody else, which `by` may start from, as sources of their own."""
    names = ("source", "control_source")
    others = {name: asked[name] for name in names if asked.get(name) and asked[name].owner_id != by.pk}
    return {name: sources.store_source(owner=by, picture=row.picture, role=row.role) for name, row in others.items()}


def vary(*, picture, by, count=VARIATIONS, idempotency_key=None):
    """Queue `count` variations of `picture`: made from it, half way, with its recipe and new seeds.

    Raises BadSource, CannotRerun, DomainError.
    """
    recipe = getattr(picture, "recipe", None)
    if recipe is None:
        raise CannotRerun(_("This picture has no recipe to vary."))
    found = Plan(asked=settings_of(recipe))
    add_models(found, recipe)
    if found.obstacles:
        raise CannotRerun(" ".join(found.obstacles))
    left_out = {"control", "control_weight", "preprocessor", "seed"}
    asked = {name: value for name, value in found.asked.items() if name not in left_out}
    asked |= {"kind": Job.Kind.IMG2IMG, "strength": max(VARIATION_STRENGTH, 1 / recipe.steps), "count": count}
    asked["source"] = sources.store_source(owner=by, picture=picture)
    return services.submit_job(owner=by, is_variation=True, remix_of=picture, idempotency_key=idempotency_key, **asked)
