"""What a set of tensors is, told by their names.

Names are the reliable sign: diffusers' own guess looks at shapes and takes a small SDXL for an SD 1.
"""

from .families import DRAWN_FAMILIES, FAMILY_BY_CONTEXT, Architecture, context_family
from .loras import lora

__all__ = ["DRAWN_FAMILIES", "FAMILY_BY_CONTEXT", "Architecture", "context_family", "recognise"]

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
_TEXT = ("conditioner.", "cond_stage_model.", "text_encoders.")
_VAE = ("first_stage_model.", "vae.")
# Networks that guide as a ControlNet does and are built otherwise: (start of a name, what people call them).
_OTHER_CONTROLS = (
    ("lllite_", "ControlLLLite"),
    ("adapter.body.", "T2I-Adapter"),
    ("body.0.resnets.", "T2I-Adapter"),
    ("body.0.in_conv.", "T2I-Adapter"),
    ("body.0.block1.", "T2I-Adapter"),
    ("image_proj.", "IP-Adapter"),
    ("ip_adapter.", "IP-Adapter"),
    ("controlnet_x_embedder.", "ControlNet of a transformer"),
    ("lora_controlnet", "Control-LoRA"),
)
_UNET_IN = "input_blocks.0.0.weight"
# Widths of the vectors that text encoders read.
_WORD_WIDTHS = {768: "sd1", 1024: "sd2"}
MOST_VECTORS = 75  # words a text encoder reads at once


def recognise(header):
    """The Architecture of a file with this Header."""
    names = header.tensors
    for detect in (_other_control, lora, _checkpoint, _controlnet, _unet, _vae, _embedding, _upscaler):
        if found := detect(header, names):
            return found
    return Architecture("unknown")


def _any(names, part):
    return any(part in name for name in names)


def _starts(names, part):
    return any(name.startswith(part) for name in names)


def _checkpoint(header, names):
    first = f"model.diffusion_model.{_UNET_IN}"
    if first in names:
        inpainting = _side(header, first, 1) == 9
        family = _ldm_family(header, names) or _context(header, names)
        if inpainting and family == "sd2-v":  # the one that was published, and all made of it, predict noise
            family = "sd2"
        return Architecture(
            "checkpoint",
            family,
            inpainting,
            variant="ldm",
            prediction=_prediction(header, family),
            lacks=_lacks(names),
        )
    for family, part in _OTHER_CHECKPOINTS:
        if _any(names, part):
            return Architecture("checkpoint", family)
    return None


def _ldm_family(header, names):
    for start, family in _TEXT_ENCODERS:
        if _starts(names, start):
            return family if family != "sd2" or _says_epsilon(header) else "sd2-v"
    return ""


def _context(header, names):
    """The family by the width of the text embeddings that the attention layers read; "" when there are none."""
    ends = ("attn2.to_k.weight", "attn2_to_k.weight")
    widths = [tensor.shape[-1] for name, tensor in names.items() if name.endswith(ends) and tensor.shape]
    return context_family(max(widths)) if widths else ""


def _says_epsilon(header):
    # Key names do not tell SD 2 base from SD 2-v. Nearly all SD 2 files in use are 768-v, so v is the guess.
    noted = header.metadata
    if noted.get("modelspec.prediction_type", "").lower() in ("epsilon", "eps"):
        return True
    return "512" in noted.get("modelspec.architecture", "") or noted.get("ss_base_model_version") == "sd_v2"


def _prediction(header, family):
    noted = header.metadata.get("modelspec.prediction_type", "").lower()
    if noted.startswith("v") or family == "sd2-v" or "v_pred" in header.tensors:
        return "v"
    return "epsilon" if noted in ("epsilon", "eps") or family == "sd2" else ""


def _lacks(names):
    lacking = [
        part
        for part, starts in (("text_encoder", _TEXT), ("vae", _VAE))
        if not any(_starts(names, start) for start in starts)
    ]
    return "both" if len(lacking) == 2 else "".join(lacking)


def _side(header, name, which):
    """One side of a convolution's weights; 0 when the tensor is none."""
    shape = header.tensors[name].shape if name in header.tensors else ()
    return shape[which] if len(shape) == 4 else 0


def _other_control(header, names):
    for start, variant in _OTHER_CONTROLS:
        if _starts(names, start):
            return Architecture("controlnet", variant=variant)
    return None


def _controlnet(header, names):
    if _any(names, "control_model."):
        return Architecture("controlnet", _context(header, names), variant="ldm")
    if _any(names, "controlnet_cond_embedding."):
        return Architecture("controlnet", _context(header, names), variant="diffusers")
    return None


def _unet(header, names):
    """A UNet alone, as some tools save it."""
    diffusers = "conv_in.weight" in names and _starts(names, "up_blocks.")
    if not diffusers and _UNET_IN not in names:
        return None
    inpainting = _side(header, "conv_in.weight" if diffusers else _UNET_IN, 1) == 9
    return Architecture("checkpoint", _context(header, names), inpainting, variant="unet", lacks="both")


def _vae(header, names):
    for prefix in ("", "first_stage_model.", "vae."):
        name = f"{prefix}decoder.conv_in.weight"
        if name in names:
            return Architecture("vae", latent_channels=_side(header, name, 1) or None)
    return None


def _embedding(header, names):
    shapes = {name: tensor.shape for name, tensor in names.items()}
    if set(shapes) == {"clip_l", "clip_g"}:
        return Architecture("embedding", "sdxl", variant="two encoders", vectors=_rows(shapes["clip_l"]))
    if len(shapes) != 1:
        return None
    (name, shape), *_ = shapes.items()
    family = _word_family(shape)
    known = name in ("emb_params", "clip_l", "clip_g") or name.startswith(("string_to_param", "<"))
    if known or (family and family != "starter" and _rows(shape) <= MOST_VECTORS):
        return Architecture("embedding", family, vectors=_rows(shape))
    return None


def _rows(shape):
    return 1 if len(shape) < 2 else shape[0]


def _word_family(shape):
    width = shape[-1] if len(shape) in (1, 2) else 0
    return _WORD_WIDTHS.get(width, "starter" if 64 <= width < 768 else "")


def _upscaler(header, names):
    """Real-ESRGAN's two networks, and the older spelling of the larger."""
    if "conv_first.weight" in names and _any(names, ".rdb1.conv1."):
        scale = {3: 4, 12: 2, 48: 1}.get(_side(header, "conv_first.weight", 1))
        return Architecture("upscaler", variant="RRDB", scale=scale)
    if "model.0.weight" in names and _any(names, ".RDB1.conv1."):
        return Architecture("upscaler", variant="RRDB", scale=4)
    last = max((int(name.split(".")[1]) for name in names if _is_body(name)), default=-1)
    if "body.0.weight" in names and "body.1.weight" in names and len(names["body.1.weight"].shape) == 1:
        out = _side(header, f"body.{last}.weight", 0)
        scale = next((scale for scale in (1, 2, 3, 4, 8) if 3 * scale * scale == out), None)
        return Architecture("upscaler", variant="SRVGG", scale=scale) if scale else None
    return None


def _is_body(name):
    parts = name.split(".")
    return len(parts) == 3 and parts[0] == "body" and parts[1].isdecimal() and len(parts[1]) < 6
