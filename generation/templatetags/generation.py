"""Jobs and prompts on the pages of other apps."""

from django import template
from django.utils.translation import get_language

from generation.asking import prefill
from generation.engine.samplers import SAMPLERS
from generation.models import Job
from models_hub.models import ModelCard, ModelVersion

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_prompt(context):
    """The prompt that a guest finds in the form again after registering, if that is where they are going."""
    request = context["request"]
    wanted = request.GET.get("next") or request.POST.get("next") or ""
    return prefill.kept(request.session).get("prompt", "") if "kept=1" in wanted else ""


@register.simple_tag(takes_context=True)
def my_jobs_under_way(context, limit):
    """The viewer's waiting and running jobs."""
    jobs = Job.objects.for_user(context["request"].user).active().with_details()
    return list(jobs[:limit])


@register.simple_tag(takes_context=True)
def my_jobs_without_pictures(context, limit):
    """The viewer's failed and cancelled jobs, which can be tried again."""
    states = [Job.State.FAILED, Job.State.CANCELLED]
    return list(Job.objects.for_user(context["request"].user).filter(state__in=states).with_details()[:limit])


@register.simple_tag
def example_prompts(limit):
    """Prompts that the site's models are known to draw well, a few of each model."""
    versions = ModelVersion.objects.published().checkpoints().select_related("card")[:4]
    columns = [[(prompt, version.card.slug) for prompt in in_my_language(version)] for version in versions]
    rows = max(map(len, columns), default=0)
    mixed = [column[row] for row in range(rows) for column in columns if row < len(column)]
    # Two models may know the same prompt; the first of them draws it.
    once = dict(reversed(mixed))
    return [{"prompt": prompt, "model": once[prompt]} for prompt in dict.fromkeys(p for p, _ in mixed)][:limit]


def in_my_language(version):
    """The example prompts, which are a list, or one list for each language."""
    prompts = version.example_prompts
    if isinstance(prompts, dict):
        language = "zh" if (get_language() or "").startswith("zh") else "en"
        prompts = prompts.get(language) or next(iter(prompts.values()), [])
    return prompts


@register.filter
def sampler_label(slug):
    """The name that people know a sampler by."""
    return SAMPLERS[slug].label if slug in SAMPLERS else slug


@register.filter
def size(job):
    """What is drawn, and what it is enlarged to."""
    sides = [job.width, job.height]
    drawn, enlarged = (" × ".join(str(side * times) for side in sides) for times in (1, job.upscale))
    return drawn if job.upscale == 1 else f"{drawn} → {enlarged}"


@register.filter
def kind_label(kind):
    """What a recipe's kind of work is called."""
    return Job.Kind(kind).label if kind in Job.Kind.values else kind


@register.filter
def resource_role(role):
    """What a resource of a recipe is called."""
    kind = "controlnet" if role == "control" else role
    return ModelCard.Kind(kind).label if kind in ModelCard.Kind.values else role
