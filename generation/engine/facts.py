"""What a recipe needs to know of how a picture was made, in plain JSON values."""

from . import prompts, runtime


def of_share(engine, base, spec, renamed):
    """What is known before drawing: `renamed` gives prompts as the pipeline reads them."""
    length = prompts.measure(base, renamed(spec.prompt))
    return {
        **of_asking(spec),
        "device": engine.hardware.device,
        "threads": engine.threads_for(base),
        "versions": runtime.versions(),
        "prompt_tokens": length.tokens,
        "prompt_limit": length.limit,
        "prompt_truncated": length.tokens > length.limit,
        "upscaler": spec.upscaler if spec.upscale > 1 else "",
    }


def of_drawing(pipeline, dtype, together):
    """What is known after drawing; `together`: how many pictures were denoised at once."""
    scheduler = pipeline.scheduler
    return {
        "sampler_config": {"class": type(scheduler).__name__, **plain(scheduler.config)},
        "dtype": dtype,
        "drawn_together": together,
    }


def of_enlarging(engine, spec):
    """All there is to know of the task "upscale"."""
    hardware = engine.hardware
    known = {"device": hardware.device, "dtype": "float32", "threads": hardware.threads, "upscaler": spec.upscaler}
    return {**of_asking(spec), **known, "versions": runtime.versions()}


def of_asking(spec):
    """What was asked for, as far as the recipe does not say it in columns of its own."""
    return {
        "task": spec.task,
        "steps_run": spec.steps_run,
        "strength": float(spec.strength) if spec.task in ("img2img", "inpaint") else None,
        "mask_blur": spec.mask_blur if spec.task in ("inpaint", "outpaint") else None,
        "outpaint": list(spec.outpaint) if spec.task == "outpaint" else None,
        "source_size": list(spec.source.size) if spec.source is not None else None,
        "clip_skip": spec.clip_skip,
        "resources": list(_resources(spec)),
    }


def _resources(spec):
    for kind, refs in (
        ("lora", spec.loras),
        ("embedding", spec.embeddings),
        ("vae", (spec.vae,)),
        ("control", (spec.control,)),
    ):
        for ref in refs:
            if ref is not None:
                fact = {"kind": kind, "name": str(ref), "sha256": ref.sha256 or ref.key}
                extra = {name: getattr(ref, name) for name in ("weight", "token") if hasattr(ref, name)}
                yield fact | extra


def plain(config):
    """A scheduler's settings as JSON can hold them (infinities become text)."""
    kept = {}
    for name, value in config.items():
        if not name.startswith("_") and isinstance(value, str | bool | int | float | type(None)):
            kept[name] = str(value) if value in (float("inf"), float("-inf")) else value
    return kept
