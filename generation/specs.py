"""From a job's row to what the engine draws."""

from django.conf import settings

from generation.engine.spec import CheckpointRef, LoraRef, RenderSpec
from models_hub.models import ModelVersion


def render_spec(job):
    """The RenderSpec of a job, its guard prefixes in front of the user's words. Raises the engine's InvalidSpec."""
    return RenderSpec(
        checkpoint=checkpoint_ref(job.version),
        prompt=joined(job.prefix, job.prompt),
        negative_prompt=joined(job.negative_prefix, job.negative_prompt),
        seeds=tuple(job.seed + index for index in range(job.count)),
        steps=job.steps,
        guidance=job.guidance,
        sampler=job.sampler,
        width=job.width,
        height=job.height,
        loras=tuple(lora_ref(lora.version, lora.weight) for lora in job.loras.all()),
        upscale=job.upscale,
    )


def checkpoint_ref(version):
    return CheckpointRef(
        key=version.sha256,
        path=str(version.full_path),
        layout=version.layout,
        family=version.card.family,
        files=tuple((file.name, file.sha256) for file in version.files.all()),
        name=str(version.card),
    )


def lora_ref(version, weight):
    file = version.files.get(name__endswith=".safetensors")
    path = version.full_path
    if version.layout == ModelVersion.Layout.DIFFUSERS:
        path = path / file.name
    return LoraRef(key=version.sha256, path=str(path), weight=weight, sha256=file.sha256, name=str(version.card))


def joined(prefix, text):
    return ", ".join(part for part in (prefix.strip(" ,"), text) if part)


def engine_settings():
    """What an Engine of this site is made with."""
    return {
        "cache_bytes": settings.CHECKPOINT_CACHE_BYTES,
        "device": settings.RENDER_DEVICE,
        "threads": settings.RENDER_THREADS,
        "weights_dir": str(settings.WEIGHTS_DIR),
    }
