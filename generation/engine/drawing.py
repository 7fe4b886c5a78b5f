"""Denoising: from words and seeds to latents, through the stock diffusers pipelines."""

import functools

from .errors import Cancelled
from .samplers import build_scheduler

# Pictures are denoised together while the batch has at most this many pixels: small pictures leave a CPU's
# vector units idle (128 px: 0.35 s a picture in fours against 0.61 s alone), large ones only cost memory.
BATCH_PIXELS = 8 * 256 * 256
BATCH_PICTURES = 8


def batches(seeds, width, height, limit=BATCH_PICTURES):
    """Seeds in groups to draw at once, as (index of the first, seeds). Depends on the size alone, so it repeats."""
    at_once = max(1, min(limit, BATCH_PIXELS // (width * height)))
    return [(start, seeds[start : start + at_once]) for start in range(0, len(seeds), at_once)]


def denoise(pipeline, scheduler_config, spec, seeds, on_step):
    """Latents (pictures, channels, h, w) of one batch.

    `on_step(done, of, denoised)` is called after every step with the steps done and what the
    pictures would be if drawing ended now; returning False raises Cancelled.
    """
    import torch

    pipeline.scheduler = build_scheduler(spec.sampler, scheduler_config)
    watch = _watch(pipeline.scheduler)

    def after_step(pipe, index, timestep, values):
        # Samplers of second order call the model twice a step; users count the steps they asked for.
        done = -(-(index + 1) * spec.steps // pipe.num_timesteps)
        if on_step(done, spec.steps, watch.get("denoised", values["latents"])) is False:
            raise Cancelled()
        return values

    return pipeline(
        prompt=spec.prompt,
        negative_prompt=spec.negative_prompt or None,
        num_images_per_prompt=len(seeds),
        # One generator per picture, always on the CPU: a picture depends neither on its neighbours nor on the card.
        generator=[torch.Generator("cpu").manual_seed(seed) for seed in seeds],
        num_inference_steps=spec.steps,
        guidance_scale=float(spec.guidance),
        width=spec.width,
        height=spec.height,
        output_type="latent",
        callback_on_step_end=after_step,
    ).images


def _watch(scheduler):
    """A dict that always holds the scheduler's latest guess of the finished latents, as "denoised"."""
    seen: dict = {}
    original = scheduler.step

    # wraps: the pipeline asks step()'s signature which arguments it understands.
    @functools.wraps(original)
    def step(*args, **kwargs):
        result = original(*args, **kwargs)
        if (guess := _denoised(scheduler, result)) is not None:
            seen["denoised"] = guess
        return result

    scheduler.step = step
    return seen


def _denoised(scheduler, result):
    if isinstance(result, tuple) and len(result) > 1:
        return result[1]
    # Multistep solvers keep their guesses, newest last.
    outputs = getattr(scheduler, "model_outputs", None)
    return outputs[-1] if outputs else None


def count_tokens(pipeline, text):
    """(tokens of the text, tokens the model reads), markers of start and end included."""
    tokenizer = pipeline.tokenizer
    return len(tokenizer(text, truncation=False).input_ids), tokenizer.model_max_length
