"""The samplers on offer, by the names people know from other programs.

A scheduler is always built from the checkpoint's own configuration, which keeps what the model was
trained with (prediction type, betas, timestep spacing), and never shared between two renders,
because diffusers' schedulers keep state. Noise on the way comes from the pictures' own generators.
"""

from dataclasses import dataclass, field
from importlib import import_module

from .errors import UnknownSampler

RECOMMENDED, OTHERS = "recommended", "others"


@dataclass(frozen=True)
class Sampler:
    """`label` is the name AUTOMATIC1111 writes into pictures; `overrides` are scheduler settings.

    `most_steps`: more than these need another schedule than the one such models were distilled for.
    """

    slug: str
    label: str
    class_name: str
    overrides: dict = field(default_factory=dict)
    group: str = OTHERS
    most_steps: int | None = None
    module: str = "diffusers"


# What one sampler sets would otherwise leak from the checkpoint's configuration into another.
_PLAIN = {"use_karras_sigmas": False, "use_exponential_sigmas": False, "use_beta_sigmas": False}
_KARRAS = {"use_karras_sigmas": True}
_EXPONENTIAL = {"use_exponential_sigmas": True}
_DPMPP = _PLAIN | {"algorithm_type": "dpmsolver++", "solver_order": 2, "solver_type": "midpoint"}
_SDE = _DPMPP | {"algorithm_type": "sde-dpmsolver++"}
_SDE_3 = _SDE | {"solver_order": 3}
# k-diffusion's DPM++ SDE draws from a tree of noise, for which diffusers needs the package torchsde; the same
# equation is solved here with fresh noise at each step, one call of the model a step instead of two.
_SINGLE = _SDE | {"lower_order_final": True}
# Latents go beyond 1; both default to cutting there when a configuration does not say.
_UNCLIPPED = {"clip_sample": False, "thresholding": False}
_DISTILLED_STEPS = 50

SAMPLERS = {
    sampler.slug: sampler
    for sampler in (
        Sampler("dpmpp_2m", "DPM++ 2M", "DPMSolverMultistepScheduler", _DPMPP, RECOMMENDED),
        Sampler("dpmpp_2m_karras", "DPM++ 2M Karras", "DPMSolverMultistepScheduler", _DPMPP | _KARRAS, RECOMMENDED),
        Sampler("dpmpp_2m_sde", "DPM++ 2M SDE", "DPMSolverMultistepScheduler", _SDE),
        Sampler(
            "dpmpp_2m_sde_karras", "DPM++ 2M SDE Karras", "DPMSolverMultistepScheduler", _SDE | _KARRAS, RECOMMENDED
        ),
        Sampler(
            "dpmpp_2m_sde_exponential", "DPM++ 2M SDE Exponential", "DPMSolverMultistepScheduler", _SDE | _EXPONENTIAL
        ),
        Sampler(
            "dpmpp_2m_sde_heun", "DPM++ 2M SDE Heun", "DPMSolverMultistepScheduler", _SDE | {"solver_type": "heun"}
        ),
        Sampler("dpmpp_3m_sde", "DPM++ 3M SDE", "DPMSolverMultistepScheduler", _SDE_3),
        Sampler("dpmpp_3m_sde_karras", "DPM++ 3M SDE Karras", "DPMSolverMultistepScheduler", _SDE_3 | _KARRAS),
        Sampler(
            "dpmpp_3m_sde_exponential", "DPM++ 3M SDE Exponential", "DPMSolverMultistepScheduler", _SDE_3 | _EXPONENTIAL
        ),
        Sampler("dpmpp_sde", "DPM++ SDE", "DPMSolverSinglestepScheduler", _SINGLE),
        Sampler("dpmpp_sde_karras", "DPM++ SDE Karras", "DPMSolverSinglestepScheduler", _SINGLE | _KARRAS),
        Sampler("euler", "Euler", "EulerDiscreteScheduler", _PLAIN, RECOMMENDED),
        Sampler("euler_karras", "Euler Karras", "EulerDiscreteScheduler", _PLAIN | _KARRAS),
        Sampler("euler_a", "Euler a", "EulerAncestralDiscreteScheduler", {}, RECOMMENDED),
        Sampler("heun", "Heun", "HeunDiscreteScheduler", _PLAIN),
        Sampler("heun_karras", "Heun Karras", "HeunDiscreteScheduler", _PLAIN | _KARRAS),
        Sampler("lms", "LMS", "LinearMultistepScheduler", _PLAIN, module="generation.engine.linear_multistep"),
        Sampler(
            "lms_karras",
            "LMS Karras",
            "LinearMultistepScheduler",
            _PLAIN | _KARRAS,
            module="generation.engine.linear_multistep",
        ),
        Sampler("dpm2", "DPM2", "KDPM2DiscreteScheduler", _PLAIN),
        Sampler("dpm2_karras", "DPM2 Karras", "KDPM2DiscreteScheduler", _PLAIN | _KARRAS),
        Sampler("dpm2_a", "DPM2 a", "KDPM2AncestralDiscreteScheduler", _PLAIN),
        Sampler("dpm2_a_karras", "DPM2 a Karras", "KDPM2AncestralDiscreteScheduler", _PLAIN | _KARRAS),
        Sampler("unipc", "UniPC", "UniPCMultistepScheduler", _PLAIN | {"solver_type": "bh2"}, RECOMMENDED),
        Sampler("deis", "DEIS", "DEISMultistepScheduler", _PLAIN | {"algorithm_type": "deis", "solver_type": "logrho"}),
        Sampler("ddim", "DDIM", "DDIMScheduler", _UNCLIPPED, RECOMMENDED),
        Sampler("ddpm", "DDPM", "DDPMScheduler", _UNCLIPPED | {"variance_type": "fixed_small"}),
        Sampler("pndm", "PLMS", "PNDMScheduler", {"skip_prk_steps": True}),
        Sampler("lcm", "LCM", "LCMScheduler", _UNCLIPPED, RECOMMENDED, _DISTILLED_STEPS),
        Sampler("tcd", "TCD", "TCDScheduler", _UNCLIPPED, OTHERS, _DISTILLED_STEPS),
    )
}


def get_sampler(slug):
    """The Sampler of that slug. Raises UnknownSampler."""
    try:
        return SAMPLERS[slug]
    except (KeyError, TypeError):
        raise UnknownSampler(sampler=str(slug)[:40], known=", ".join(SAMPLERS)) from None


def grouped():
    """[(RECOMMENDED, samplers), (OTHERS, samplers)] for a select."""
    return [(group, [one for one in SAMPLERS.values() if one.group == group]) for group in (RECOMMENDED, OTHERS)]


def build_scheduler(slug, config, steps=None):
    """A fresh scheduler for one render of `steps` from the checkpoint's scheduler configuration."""
    sampler = get_sampler(slug)
    overrides = dict(sampler.overrides)
    if sampler.most_steps and steps and steps > sampler.most_steps:
        overrides["original_inference_steps"] = steps
    return getattr(import_module(sampler.module), sampler.class_name).from_config(config, **overrides)
