"""Whether the site's generator can draw with what was found. Codes; the sentences are in models_hub.findings."""

from .architecture import MOST_VECTORS
from .families import DRAWN_FAMILIES

# Layouts that the loader behind generation.engine.loras understands.
WORN_LORAS = ("kohya", "PEFT", "diffusers", "DoRA", "")
CONTROLS = ("ldm", "diffusers")
LATENT_CHANNELS = 4  # of the VAEs of all families that are drawn


def why_not(report):
    """A code that says why the generator cannot use this Report's file; "" when it can."""
    judge = {
        "checkpoint": _checkpoint, "lora": _lora, "vae": _vae, "embedding": _embedding,
        "controlnet": _controlnet, "upscaler": lambda report: "upscaler_not_used",
    }  # fmt: skip
    return judge[report.kind](report)


def _checkpoint(report):
    if report.variant == "unet":
        return "unet_only"
    if bad := _family(report):
        return bad
    if report.layout == "single" and report.family == "starter":
        return "starter_folder"
    return {"text_encoder": "no_text_encoder", "both": "no_text_encoder", "vae": "no_vae"}.get(report.lacks, "")


def _family(report):
    if not report.family:
        return "family_unknown"
    return "" if report.family in DRAWN_FAMILIES else "family_not_drawn"


def _lora(report):
    if report.variant not in WORN_LORAS:
        return "lora_layout"
    # A LoRA that does not say whom it is for is tried with the family that its owner names.
    return "family_not_drawn" if report.family and report.family not in DRAWN_FAMILIES else ""


def _vae(report):
    return "latents_other" if report.latent_channels not in (None, LATENT_CHANNELS) else ""


def _embedding(report):
    if report.vectors and report.vectors > MOST_VECTORS:
        return "too_many_vectors"
    return "" if not report.family or report.family in DRAWN_FAMILIES else "family_not_drawn"


def _controlnet(report):
    if report.variant not in CONTROLS:
        return "control_layout"
    return "" if not report.family or report.family in DRAWN_FAMILIES else "family_not_drawn"
