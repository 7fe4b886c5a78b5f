"""LoRAs and their relatives, in the spellings that trainers use."""

import re

from .families import Architecture, context_family

_LORA = re.compile(
    r"(\.|_)lora(_[AB]|_down|_up|\.down|\.up|_linear_layer|_mid|_magnitude_vector)?(\.|_)|\.hada_[wt]|\.lokr_[wt]"
    r"|\.on_input$|\.oft_|\.dora_scale$|\.alpha$|\.(a1|a2|b1|b2)\.weight$|\.diff(_b)?$"
)
_DOWN = r"(lora_A|lora_down|lora\.down|lora_linear_layer\.down)"
_CONTEXT_DOWN = re.compile(rf"attn2.*to_k.*{_DOWN}.*weight$")
_ANY_DOWN = re.compile(rf"{_DOWN}.*weight$")
# Of LoHa's w1 = w1_a @ w1_b the second knows the width that is listened to.
_CONTEXT_HADA = re.compile(r"attn2.*to_k.*\.hada_w1_b$")
# (part of a name, what people call the layout). Those the diffusers loader reads come last.
_VARIANTS = (
    (".hada_w", "LoHa"),
    (".lokr_w", "LoKr"),
    (".on_input", "IA3"),
    (".oft_", "OFT"),
    (".a1.weight", "GLoRA"),
    (".diff", "full difference"),
    (".dora_scale", "DoRA"),
    ("lora_magnitude_vector", "DoRA"),
    (".lora_A.", "PEFT"),
    (".lora.down", "diffusers"),
    ("_lora.down", "diffusers"),
    ("lora_linear_layer", "diffusers"),
    (".lora_down.", "kohya"),
)
# Parts of names that only one family has.
_FAMILIES = (
    ("double_blocks", "flux"),
    ("single_transformer_blocks", "flux"),
    ("joint_blocks", "sd3"),
    ("transformer_blocks.0.attn.add_k_proj", "sd3"),
    ("lora_te2_", "sdxl"),
    ("text_encoder_2.", "sdxl"),
    ("input_blocks_8_1_transformer_blocks_9", "sdxl"),
    ("input_blocks_7_1_transformer_blocks_1", "sdxl"),
    ("down_blocks_2_attentions_1_transformer_blocks_9", "sdxl"),
    ("down_blocks.2.attentions.1.transformer_blocks.9.", "sdxl"),
)
_NOTED = (
    ("sdxl", "sdxl"),
    ("xl-v1", "sdxl"),
    ("flux", "flux"),
    ("sd3", "sd3"),
    ("stable-diffusion-3", "sd3"),
    ("sd_v2_v", "sd2-v"),
    ("v2-768-v", "sd2-v"),
    ("sd_v2", "sd2"),
    ("diffusion-v2", "sd2"),
    ("sd_v1", "sd1"),
    ("sd_1.5", "sd1"),
    ("diffusion-v1", "sd1"),
)


def lora(header, names):
    """The Architecture of a LoRA or one of its relatives, or None."""
    hits = sum(1 for name in names if _LORA.search(name))
    if not hits or (hits * 2 < len(names) and not _is_ia3(names)):
        return None
    return Architecture("lora", family_of(header), variant=variant_of(names), rank=rank_of(header))


def _is_ia3(names):
    # Half of IA3's tensors are called plainly ".weight".
    return sum(name.endswith(".on_input") for name in names) * 3 >= len(names)


def variant_of(names):
    return next((variant for part, variant in _VARIANTS if any(part in name for name in names)), "")


def family_of(header):
    """By the layers that only one family has, by the width of the text it listens to, by what the trainer noted."""
    for part, family in _FAMILIES:
        if any(part in name for name in header.tensors):
            return family
    return _by_width(header) or noted_family(header.metadata)


def _by_width(header):
    for pattern in (_CONTEXT_DOWN, _CONTEXT_HADA):
        widths = {
            max(tensor.shape[1:] or tensor.shape)
            for name, tensor in header.tensors.items()
            if tensor.shape and pattern.search(name)
        }
        if widths:
            # The first of SD 1's and SD 2's encoders are as wide as the text; SDXL's is wider.
            return context_family(max(widths))
    return ""


def noted_family(metadata):
    """The family that the trainer wrote into the file, or ""."""
    noted = " ".join(metadata.get(key, "")[:200] for key in ("ss_base_model_version", "modelspec.architecture"))
    return next((family for part, family in _NOTED if part in noted.lower()), "")


def rank_of(header):
    """The rank most of its matrices have, or None."""
    ranks: dict[int, int] = {}
    for name, tensor in header.tensors.items():
        if not tensor.shape:
            continue
        if _ANY_DOWN.search(name) or name.endswith((".hada_w1_b", ".lokr_w1_b", ".lokr_w2_b")):
            ranks[tensor.shape[0]] = ranks.get(tensor.shape[0], 0) + 1
    return max(ranks, key=lambda rank: ranks[rank], default=None)
