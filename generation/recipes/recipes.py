"""What a finished picture's recipe says: everything needed to make it again."""

from generation.engine.samplers import SAMPLERS
from generation.models import Job

# What made an enlarged upload: no model at all.
ENLARGER = "Real-ESRGAN"
# What an enlarged picture's recipe takes over from the original's.
KEPT = (
    *("version", "model_name", "model_sha256", "prompt", "negative_prompt", "prefix", "negative_prefix", "seed"),
    *("steps", "guidance", "sampler", "width", "height", "strength", "clip_skip", "prompt_asked", "resources", "loras"),
)


def fields(job, facts, seed):
    """The recipe of the picture that `seed` drew for a job, as gallery.Recipe columns; `facts` are the engine's."""
    if job.kind == Job.Kind.UPSCALE:
        return of_enlargement(job, facts)
    return {
        "version": job.version,
        "model_name": str(job.version.card),
        "model_sha256": job.version.sha256,
        "prompt": job.prompt,
        "prompt_asked": job.prompt_asked,
        "negative_prompt": job.negative_prompt,
        "prefix": job.prefix,
        "negative_prefix": job.negative_prefix,
        "seed": seed,
        "steps": job.steps,
        "guidance": job.guidance,
        "sampler": SAMPLERS[job.sampler].label,
        "width": job.width,
        "height": job.height,
        "upscale": job.upscale,
        "kind": job.kind,
        "strength": job.strength,
        "clip_skip": job.clip_skip,
        "loras": [named(lora.version) | {"weight": lora.weight} for lora in job.loras.all()],
        "resources": resources(job),
        "facts": facts,
    }


def named(version):
    return {"name": str(version.card), "sha256": version.sha256, "version_id": version.pk}


def resources(job):
    """VAE, textual inversions and ControlNet, as they are kept in a recipe."""
    found = [{"role": "embedding", **named(version)} for version in job.embeddings.all()]
    if job.vae:
        found.append({"role": "vae", **named(job.vae)})
    if job.control:
        used = {"weight": job.control_weight, "preprocessor": job.preprocessor or "none"}
        found.append({"role": "control", **named(job.control), **used})
    return found


def of_enlargement(job, facts):
    """The original's recipe with the enlargement on top; of an upload only what is known."""
    original = getattr(job.source.picture, "recipe", None) if job.source and job.source.picture else None
    if original is None:
        return blank(job) | {"facts": facts}
    kept = {name: getattr(original, name) for name in KEPT}
    told = original.facts | {"enlarged": facts}
    return kept | {"kind": job.kind, "upscale": original.upscale * job.upscale, "facts": told}


def blank(job):
    return {
        "version": None,
        "model_name": ENLARGER,
        "model_sha256": "",
        "prompt": "",
        "seed": job.seed,
        "steps": job.steps,
        "guidance": job.guidance,
        "sampler": SAMPLERS[job.sampler].label,
        "width": job.width,
        "height": job.height,
        "upscale": job.upscale,
        "kind": job.kind,
    }
