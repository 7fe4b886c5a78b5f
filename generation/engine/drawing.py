"""Denoising: from words and seeds to latents, through the stock diffusers pipelines."""

import functools
from dataclasses import dataclass, field

from . import pipelines, shrinking
from .conducting import Conductor
from .errors import Cancelled
from .prompts import Moment
from .samplers import build_scheduler

# Pictures are denoised together while the batch has at most this many pixels: small pictures leave a CPU's
# vector units idle (128 px: 0.35 s a picture in fours against 0.61 s alone), large ones only cost memory.
BATCH_PIXELS = 8 * 256 * 256
BATCH_PICTURES = 8
# Measured with SD 1.5 in bfloat16, with guidance: 2.0 kB a pixel at 256 px, 1.0 at 512. Twice that in float32.
PIXEL_BYTES = 4096
FREE_SHARE = 0.5  # of the free memory that a batch may take


def at_most(width, height, free_bytes):
    """How many pictures of that size the free memory allows to draw at once, at least one."""
    return max(1, int(free_bytes * FREE_SHARE) // (width * height * PIXEL_BYTES))


@dataclass(eq=False)
class Row:
    """One picture to be drawn: which of whose, and all it is drawn from.

    `words`: keyword arguments of one prompt; `moments`: those of each step, when they change or are several.
    `latents`, `cells`: (1, channels, h, w) tensors of the source and of its mask; `kept`, for inpainting checkpoints,
    of what the mask leaves of the source. `guide`: what a ControlNet reads.
    """

    share: object
    index: int
    seed: int
    words: dict = field(default_factory=dict)
    moments: tuple = ()
    canvas: object = None
    latents: object = None
    cells: object = None
    kept: object = None
    guide: object = None

    def moment(self, step):
        """The Moment of a step, from 1."""
        return self.moments[min(step, len(self.moments)) - 1] if self.moments else Moment(self.words)

    @property
    def lengths(self):
        """Positions read at each step, one number if always the same. Only rows of the same lengths can be stacked."""
        found = tuple(len(moment.words["prompt_embeds"][0]) for moment in self.moments or (Moment(self.words),))
        return found if len(set(found)) > 1 else found[:1]


def batches(rows, width, height, limit=BATCH_PICTURES):
    """Rows in groups to draw at once. Depends on their number and the size alone, so it repeats."""
    at_once = max(1, min(limit, BATCH_PIXELS // (width * height)))
    return [rows[start : start + at_once] for start in range(0, len(rows), at_once)]


def denoise(pipeline, scheduler_config, spec, rows, on_step):
    """[(row, latent (channels, h, w))] of the rows that were not given up on the way.

    `on_step(done, of, rows, denoised)` is called after every step with the steps done, the rows still drawn and
    what their pictures would be if drawing ended now; it returns which rows are still wanted. Raises Cancelled
    when none is.
    """
    import torch

    pipeline.scheduler = build_scheduler(spec.sampler, scheduler_config, spec.steps)
    watch, drawn = _watch(pipeline.scheduler), list(rows)
    conductor = Conductor(drawn)
    # One generator per picture, always on the CPU: a picture depends neither on its neighbours nor on the card.
    dice = [torch.Generator("cpu").manual_seed(row.seed) for row in rows]

    def after_step(pipe, index, timestep, values):
        # Samplers of second order call the model twice a step; users count the steps they asked for.
        done, conductor.step = (-(-(index + more) * spec.steps_run // pipe.num_timesteps) for more in (1, 2))
        wanted = on_step(done, spec.steps_run, drawn, watch.get("denoised", values["latents"]))
        if not any(wanted):
            raise Cancelled()
        if droppable and not all(wanted):
            values = shrinking.keep(values, pipe.scheduler, dice, wanted)
            watch.clear()
            drawn[:] = [row for row, keep in zip(drawn, wanted, strict=True) if keep]
        return values

    droppable = shrinking.possible(pipeline, spec)
    arguments = pipelines.picture_arguments(
        spec, rows, with_pixels=spec.control is not None and rows[0].cells is not None
    )
    with conductor.leading(pipeline):
        latents = pipeline(
            **pipelines.understood(pipeline, arguments),
            **{name: torch.cat([row.words[name] for row in rows]) for name in rows[0].words},
            generator=dice,
            num_inference_steps=spec.steps,
            guidance_scale=float(spec.guidance),
            output_type="latent",
            callback_on_step_end=after_step,
            callback_on_step_end_tensor_inputs=shrinking.inputs(pipeline) if droppable else ["latents"],
        ).images
    return list(zip(drawn, latents, strict=True))


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
