"""The words in which inspection says what a file is."""

from dataclasses import dataclass

# What the widest text embedding a UNet listens to says about its family.
FAMILY_BY_CONTEXT = {768: "sd1", 1024: "sd2", 1280: "sdxl-refiner", 2048: "sdxl"}
DRAWN_FAMILIES = ("starter", "sd1", "sd2", "sd2-v", "sdxl")


@dataclass(frozen=True)
class Architecture:
    """`kind` is checkpoint, lora, vae, embedding, controlnet, upscaler or unknown; `family` may be empty.

    variant: the layout people know it by (kohya, LoHa, RRDB ...). rank: of a LoRA's matrices. prediction: "v" or
    "epsilon" where a checkpoint tells. vectors: words of a textual inversion. scale: of an upscaler. lacks: parts
    that a whole checkpoint has and this one has not ("text_encoder", "vae", "both").
    """

    kind: str
    family: str = ""
    inpainting: bool = False
    variant: str = ""
    rank: int | None = None
    prediction: str = ""
    vectors: int | None = None
    scale: int | None = None
    latent_channels: int | None = None
    lacks: str = ""


def context_family(width):
    """The family whose UNet listens to text embeddings this wide; small ones are the starter's."""
    return FAMILY_BY_CONTEXT.get(width, "starter" if width < 768 else "")
