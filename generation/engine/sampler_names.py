"""Names of samplers as other programs write them into pictures and workflows."""

import re

from .samplers import SAMPLERS, Sampler

# Names that do not follow from a label by the rules below: ComfyUI, InvokeAI, diffusers and older programs.
_ALIASES = {
    "euler ancestral": "euler_a",
    "k euler a": "euler_a",
    "dpm 2": "dpm2",
    "dpm 2 a": "dpm2_a",
    "dpm 2 ancestral": "dpm2_a",
    "dpm2 ancestral": "dpm2_a",
    "kdpm2": "dpm2",
    "kdpm2 a": "dpm2_a",
    "uni pc": "unipc",
    "uni pc bh2": "unipc",
    "unipc multistep": "unipc",
    "deis multistep": "deis",
    "dpm++": "dpmpp_2m",
    "dpm solver multistep": "dpmpp_2m",
}
_PLAIN_SCHEDULES = {"", "automatic", "normal", "uniform", "simple", "linear"}


def from_label(label: str, schedule: str = "") -> Sampler | None:
    """The Sampler another program calls `label`, or None.

    `schedule` is the noise schedule where it is named apart ("Schedule type: Karras", ComfyUI's `scheduler`).
    """
    name, schedule = _plain(label), _plain(schedule)
    if schedule not in _PLAIN_SCHEDULES and not name.endswith(schedule):
        name = f"{name} {schedule}"
    stem = re.sub(r" k$", " karras", name)
    slug = _KNOWN.get(name) or _KNOWN.get(stem) or _KNOWN.get(stem.removeprefix("k "))
    return SAMPLERS[slug] if slug else None


def _plain(name):
    """Lower case, one space between words; "pp" after dpm is "++", "_gpu" and "scheduler" say nothing."""
    words = re.sub(r"(?<=[A-Za-z0-9])(?=[A-Z][a-z])", " ", str(name))
    name = re.sub(r"[\s_\-/]+", " ", words.lower()).strip()
    return re.sub(r"\bdpmpp\b", "dpm++", re.sub(r" (gpu|discrete|scheduler)\b", "", name))


_KNOWN = {
    **_ALIASES,
    **{_plain(sampler.slug): sampler.slug for sampler in SAMPLERS.values()},
    **{_plain(sampler.label): sampler.slug for sampler in SAMPLERS.values()},
}
