"""From a job's row to what the engine draws."""

from django.conf import settings
from django.utils.translation import gettext_noop
from PIL import Image, ImageOps

from generation.engine.errors import EngineError
from generation.engine.sidecars import Sidecars
from generation.engine.spec import CheckpointRef, ControlRef, EmbeddingRef, FileRef, LoraRef, RenderSpec
from generation.models import Job
from models_hub.models import ModelVersion

WEIGHTS = ".safetensors"


class SourceGone(EngineError):
    code = "source_gone"
    template = gettext_noop("The picture to start from is gone. Choose it again and ask once more.")


class ModelWithdrawn(EngineError):
    code = "model_withdrawn"
    template = gettext_noop("“%(model)s” has been withdrawn from this site. Choose another one and ask once more.")


def check_offered(job):
    """Raise ModelWithdrawn for what has been withdrawn, or put in the trash, while the job was waiting."""
    used = [job.version, job.vae, job.control, *job.embeddings.all(), *(lora.version for lora in job.loras.all())]
    for version in filter(None, used):
        if not version.is_published:
            raise ModelWithdrawn(model=version.card.name)


def render_spec(job):
    """The RenderSpec of a job, its guard prefixes in front of the user's words; sources are read from disk.

    Raises the engine's InvalidSpec, ModelWithdrawn and SourceGone.
    """
    if job.kind == Job.Kind.UPSCALE:
        return enlarging(job)
    check_offered(job)
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
        embeddings=tuple(embedding_ref(version) for version in job.embeddings.all()),
        vae=vae_ref(job.vae) if job.vae else None,
        upscale=job.upscale,
        task=job.kind,
        clip_skip=job.clip_skip,
        **source_fields(job),
        **control_fields(job),
    )


def enlarging(job):
    """No checkpoint is loaded for this; the size drawn is that of the source."""
    return RenderSpec(
        checkpoint=None, prompt="", seeds=(job.seed,), task=job.kind, source=opened(job.source), upscale=job.upscale
    )


def source_fields(job):
    """What the picture is made from."""
    if job.kind == Job.Kind.TXT2IMG:
        return {}
    fields = {"source": opened(job.source)}
    if job.strength is not None:
        fields["strength"] = job.strength
    if job.kind == Job.Kind.INPAINT:
        fields |= {"mask": opened(job.mask, "L"), "mask_blur": job.mask_blur}
        # Painted on the source, or meant for the whole of it.
        fields["mask"] = fields["mask"].resize(fields["source"].size, Image.Resampling.NEAREST)
    if job.kind == Job.Kind.OUTPAINT:
        sides = tuple(job.outpaint.get(side, 0) for side in ("left", "top", "right", "bottom"))
        inner = job.width - sides[0] - sides[2], job.height - sides[1] - sides[3]
        fields["source"] = ImageOps.fit(fields["source"], inner, Image.Resampling.LANCZOS)
        fields["outpaint"] = sides
    return fields


def control_fields(job):
    """The ControlNet and what it reads: the guide picture, preprocessed."""
    if not job.control:
        return {}
    from generation.engine.preprocess import preprocess

    guide = opened(job.control_source)
    read = preprocess(job.preprocessor or "none", guide, settings.WEIGHTS_DIR)
    return {"control": control_ref(job.control, job.control_weight), "control_image": read}


def opened(source, mode="RGB"):
    """The picture of a Source. Raises SourceGone."""
    if source is None:
        raise SourceGone
    try:
        with Image.open(source.path) as image:
            return image.convert(mode)
    except OSError:
        raise SourceGone from None


def checkpoint_ref(version):
    return CheckpointRef(
        key=version.sha256,
        path=str(version.full_path),
        layout=version.layout,
        family=version.card.family,
        files=weights_of(version),
        name=str(version.card),
    )


def weights_of(version):
    """(name, SHA-256) of what is loaded: every file of a folder; the one of a version that is a single file."""
    if version.layout == ModelVersion.Layout.SINGLE:
        return ((version.full_path.name, version.sha256),)
    return tuple((file.name, file.sha256) for file in version.files.all())


def lora_ref(version, weight):
    path, file = weight_file(version)
    return LoraRef(key=version.sha256, path=str(path), weight=weight, sha256=file.sha256, name=str(version.card))


def embedding_ref(version):
    """Its token is the first trigger word, else the slug of its model."""
    path, file = weight_file(version)
    words = [word.strip() for word in version.trigger_words if word.strip() and len(word.split()) == 1]
    token = words[0] if words else version.card.slug
    return EmbeddingRef(key=version.sha256, path=str(path), token=token, sha256=file.sha256, name=str(version.card))


def vae_ref(version):
    _path, file = weight_file(version)
    return FileRef(key=version.sha256, path=str(version.full_path), sha256=file.sha256, name=str(version.card))


def control_ref(version, weight):
    _path, file = weight_file(version)
    return ControlRef(
        key=version.sha256,
        path=str(version.full_path),
        layout=version.layout,
        weight=weight,
        sha256=file.sha256,
        name=str(version.card),
    )


def weight_file(version):
    """(path, ModelFile) of the version's weights; of several, the first."""
    found = version.files.filter(name__endswith=WEIGHTS)
    # A version may offer several precisions; its path is that of one of them.
    file = found.filter(sha256=version.sha256).first() or found.first()
    if file is None:
        raise EngineError
    path = version.full_path
    return (path / file.name if version.layout == ModelVersion.Layout.DIFFUSERS else path), file


def joined(prefix, text):
    return ", ".join(part for part in (prefix.strip(" ,"), text) if part)


def engine_settings():
    """What an Engine of this site is made with."""
    return {
        "calibration": settings.DATA_DIR / "calibration.json",
        "cache_bytes": settings.CHECKPOINT_CACHE_BYTES,
        "device": settings.RENDER_DEVICE,
        "dtype": settings.RENDER_DTYPE,
        "sidecars": Sidecars(settings.SIDECARS_DIR, settings.SIDECARS_BYTES),
        "threads": settings.RENDER_THREADS,
        "weights_dir": str(settings.WEIGHTS_DIR),
    }
