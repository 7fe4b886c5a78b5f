"""The samplers on offer, by the names people know from other programs.

A scheduler is always built from the checkpoint's own configuration, which keeps what the model was
trained with (prediction type, betas, timestep spacing), and never shared between two renders,
because diffusers' schedulers keep state.
"""

from dataclasses import dataclass, field

from .errors import UnknownSampler


@dataclass(frozen=True)
class Sampler:
    """`label` is the name AUTOMATIC1111 writes into pictures; `overrides` are scheduler settings."""

    slug: str
    label: str
    class_name: str
    overrides: dict = field(default_factory=dict)


# Settings of one DPM++ sampler would otherwise leak from the checkpoint's configuration into another.
_DPMPP = {"algorithm_type": "dpmsolver++", "use_karras_sigmas": False, "use_exponential_sigmas": False}

SAMPLERS = {
    sampler.slug: sampler
    for sampler in (
        Sampler("dpmpp_2m", "DPM++ 2M", "DPMSolverMultistepScheduler", _DPMPP),
        Sampler(
            "dpmpp_2m_karras", "DPM++ 2M Karras", "DPMSolverMultistepScheduler", _DPMPP | {"use_karras_sigmas": True}
        ),
        Sampler(
            "dpmpp_2m_sde",
            "DPM++ 2M SDE",
            "DPMSolverMultistepScheduler",
            _DPMPP | {"algorithm_type": "sde-dpmsolver++"},
        ),
        Sampler("euler", "Euler", "EulerDiscreteScheduler", {"use_karras_sigmas": False}),
        Sampler("euler_a", "Euler a", "EulerAncestralDiscreteScheduler"),
        Sampler("heun", "Heun", "HeunDiscreteScheduler", {"use_karras_sigmas": False}),
        Sampler("unipc", "UniPC", "UniPCMultistepScheduler", {"solver_type": "bh2", "use_karras_sigmas": False}),
        Sampler("ddim", "DDIM", "DDIMScheduler"),
        Sampler("pndm", "PLMS", "PNDMScheduler", {"skip_prk_steps": True}),
        Sampler("lcm", "LCM", "LCMScheduler"),
    )
}


def get_sampler(slug):
    """The Sampler of that slug. Raises UnknownSampler."""
    try:
        return SAMPLERS[slug]
    except (KeyError, TypeError):
        raise UnknownSampler(sampler=str(slug)[:40], known=", ".join(SAMPLERS)) from None


def build_scheduler(slug, config):
    """A fresh scheduler for one render from the checkpoint's scheduler configuration."""
    import diffusers

    sampler = get_sampler(slug)
    return getattr(diffusers, sampler.class_name).from_config(config, **sampler.overrides)
