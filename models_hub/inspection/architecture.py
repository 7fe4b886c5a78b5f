"""What a set of tensors is, told by their names.

Names are the reliable sign: diffusers' own guess looks at shapes and takes a small SDXL for an SD 1.
"""

import re
from dataclasses import dataclass

# What the widest text embedding a UNet listens to says about its family.
FAMILY_BY_CONTEXT = {768: "sd1", 1024: "sd2", 2048: "sdxl"}
DRAWN_FAMILIES = ("starter", "sd1", "sd2", "sd2-v", "sdxl")
# Families that are recognised so that people are told the name of what cannot be drawn yet.
_OTHER_CHECKPOINTS = (
    ("flux", "double_blocks.0."),
    ("sd3", "joint_blocks.0."),
    ("pixart", "adaln_single."),
    ("wan", "blocks.0.self_attn.norm_q."),
)
# The text encoder tells the older families apart; the first that is found decides.
_TEXT_ENCODERS = (
    ("conditioner.embedders.1.", "sdxl"),
    ("conditioner.embedders.0.model.", "sdxl-refiner"),
    ("cond_stage_model.model.", "sd2"),
    ("cond_stage_model.transformer.", "sd1"),
)
_LORA = re.compile(r"(\.|_)lora(_[AB]|_down|_up|\.down|\.up|_linear_layer)?(\.|_)|\.hada_w1_a|\.lokr_w1|\.alpha$")
_LORA_DOWN = re.compile(r"attn2.*to_k.*(lora_A|lora_down|lora\.down|lora_linear_layer\.down).*weight$")


@dataclass(frozen=True)
class Architecture:
    """`kind` is checkpoint, lora, vae, embedding, controlnet or unknown; `family` may be empty."""

    kind: str
    family: str = ""
    inpainting: bool = False


def recognise(header):
    """The Architecture of a file with this Header."""
    names = header.tensors
    for detect in (_lora, _checkpoint, _controlnet, _vae, _embedding):
        if found := detect(header, names):
            return found
    return Architecture("unknown")


def context_family(width):
    """The family whose UNet listens to text embeddings this wide; small ones are the starter's."""
    return FAMILY_BY_CONTEXT.get(width, "starter" if width < 768 else "")


def _any(names, part):
    return any(part in name for name in names)


def _checkpoint(header, names):
    if "model.diffusion_model.input_blocks.0.0.weight" in names:
        inpainting = _channels(header, "model.diffusion_model.input_blocks.0.0.weight") == 9
        return Architecture("checkpoint", _ldm_family(header, names), inpainting)
    for family, part in _OTHER_CHECKPOINTS:
        if _any(names, part):
            return Architecture("checkpoint", family)
    return None


def _ldm_family(header, names):
    for start, family in _TEXT_ENCODERS:
        if any(name.startswith(start) for name in names):
            return family if family != "sd2" or _says_epsilon(header) else "sd2-v"
    return ""


def _says_epsilon(header):
    # Key names do not tell SD 2 base from SD 2-v. Nearly all SD 2 files in use are 768-v, so v is the guess.
    return header.metadata.get("modelspec.prediction_type", "").lower() in ("epsilon", "eps")


def _channels(header, name):
    shape = header.tensors[name].shape
    return shape[1] if len(shape) == 4 else 0


def _lora(header, names):
    hits = sum(1 for name in names if _LORA.search(name))
    if not hits or hits * 2 < len(names):
        return None
    return Architecture("lora", _lora_family(header, names))


def _lora_family(header, names):
    if any(name.startswith(("lora_te2_", "text_encoder_2.")) for name in names):
        return "sdxl"
    widths = {
        header.tensors[name].shape[-1] for name in names if _LORA_DOWN.search(name) and header.tensors[name].shape
    }
    return context_family(max(widths)) if widths else ""


def _controlnet(header, names):
    controls = _any(names, "control_model.") or _any(names, "controlnet_cond_embedding.")
    return Architecture("controlnet") if controls else None


def _vae(header, names):
    return (
        Architecture("vae")
        if "decoder.conv_in.weight" in names or "first_stage_model.decoder.conv_in.weight" in names
        else None
    )


def _embedding(header, names):
    known = {"emb_params", "clip_l", "clip_g", "string_to_param"}
    return Architecture("embedding") if set(names) & known and len(names) <= 4 else None
