"""Tiny random checkpoints of the real families, written in the layouts people upload.

Single files use the original (LDM) key names, produced by inverting the published naming; loading
them goes through the same code as a real two-gigabyte file.
"""

import hashlib
import json
import re
import shutil
from pathlib import Path

from generation.engine.loading import CONFIGS
from generation.engine.spec import CheckpointRef
from generation.engine.vocabulary import clip_tokenizer

CLIP = {
    "hidden_size": 32,
    "intermediate_size": 37,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "projection_dim": 32,
}
SD2_LAYERS = 23  # of the 24 that SD 2 files hold
VAE = {"block_out_channels": [32] * 4, "layers_per_block": 1, "sample_size": 64}
UNET = {"block_out_channels": [32, 64, 64, 64], "cross_attention_dim": 32, "attention_head_dim": 4, "sample_size": 8}
UNET_XL = {
    "block_out_channels": [32, 64, 64],
    "cross_attention_dim": 96,
    "attention_head_dim": [2, 4, 4],
    "transformer_layers_per_block": [1, 2, 2],
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 64 + 6 * 8,
    "sample_size": 8,
}
RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
UNET_TOP = {
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def shrink_configs(target):
    """A copy of the shipped family configurations with small layers; returns its folder."""
    shutil.copytree(CONFIGS, target, dirs_exist_ok=True)
    for family in ("sd1", "sd2", "sd2-v", "sdxl"):
        _update(target / family / "vae", VAE)
        _update(target / family / "text_encoder", CLIP)
        _update(target / family / "unet", UNET_XL if family == "sdxl" else UNET)
        if family.startswith("sd2"):
            _update(target / family / "text_encoder", {"num_hidden_layers": SD2_LAYERS})
    _update(target / "sdxl" / "text_encoder_2", CLIP | {"hidden_size": 64, "projection_dim": 64})
    return target


def _update(folder, values):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def build(configs, family, seed=0, channels=4):
    """A random pipeline of a family, {part: module}; the same seed gives the same weights. 9 channels: inpainting."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    folder = configs / family
    unet = UNet2DConditionModel.load_config(folder, subfolder="unet") | {"in_channels": channels}
    parts = {
        "unet": UNet2DConditionModel.from_config(unet),
        "vae": AutoencoderKL.from_config(AutoencoderKL.load_config(folder, subfolder="vae")),
        "text_encoder": CLIPTextModel(CLIPTextConfig.from_pretrained(folder, subfolder="text_encoder")),
    }
    if family == "sdxl":
        config = CLIPTextConfig.from_pretrained(folder, subfolder="text_encoder_2")
        parts["text_encoder_2"] = CLIPTextModelWithProjection(config)
    return parts


def write_folder(configs, path, seed=0, variant=None):
    """A tiny SD 1 in the diffusers layout; variant "fp16" for halves."""
    from diffusers import PNDMScheduler, StableDiffusionPipeline

    scheduler = PNDMScheduler.from_pretrained(configs / "sd1", subfolder="scheduler")
    nothing = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    pipeline = StableDiffusionPipeline(
        **build(configs, "sd1", seed), tokenizer=clip_tokenizer(), scheduler=scheduler, **nothing
    )
    if variant == "fp16":
        import torch

        pipeline.to(torch.float16)
    pipeline.save_pretrained(path, variant=variant)
    return Path(path)


def write_inpainting_folder(configs, family, path, seed=0):
    """A tiny inpainting checkpoint of a family in the diffusers layout."""
    import diffusers

    large = "XL" if family == "sdxl" else ""
    parts = build(configs, family, seed, channels=9) | {"tokenizer": clip_tokenizer()}
    parts |= {"tokenizer_2": clip_tokenizer(pad_token="!")} if large else {"safety_checker": None}
    parts |= {} if large else {"feature_extractor": None, "requires_safety_checker": False}
    scheduler = diffusers.DDIMScheduler.from_pretrained(configs / family, subfolder="scheduler")
    pipeline = getattr(diffusers, f"StableDiffusion{large}InpaintPipeline")(**parts, scheduler=scheduler)
    pipeline.save_pretrained(path)
    return Path(path)


def write_single(configs, family, path, seed=0, metadata=None, unet_seed=None, keep=(), channels=4):
    """A checkpoint of a family as one .safetensors file in half precision; returns its parts for comparison.

    unet_seed: for a UNet that differs from what `seed` gives. keep: first words of names that stay in full precision.
    channels: 9 for inpainting.
    """
    import torch
    from safetensors.torch import save_file

    parts = build(configs, family, seed, channels)
    if unet_seed is not None:
        parts["unet"] = build(configs, family, unet_seed)["unet"]
    tensors = {f"model.diffusion_model.{unet_key(name, parts['unet'])}": w for name, w in _state(parts, "unet")}
    tensors |= {f"first_stage_model.{vae_key(name)}": _as_convolution(name, w) for name, w in _state(parts, "vae")}
    tensors |= _text(parts, family) | extras(tensors)
    for name, weight in tensors.items():
        narrow = weight.dtype == torch.float32 and not name.startswith(keep)
        tensors[name] = (weight.half() if narrow else weight).contiguous()
    save_file(tensors, path, metadata={"format": "pt"} | (metadata or {}))
    return parts


def single_ref(path, family, key=""):
    return CheckpointRef(key or Path(path).stem, str(path), "single", family, name=Path(path).stem)


def hashes(folder):
    """What registering a diffusers folder writes down: ((name, SHA-256), ...)."""
    files = sorted(file for file in Path(folder).rglob("*") if file.is_file())
    return tuple((str(file.relative_to(folder)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files)


def extras(tensors):
    """What published files carry beside the weights: noise tables and averages for further training."""
    import torch

    ema = {"model_ema." + name.replace(".", ""): weight for name, weight in list(tensors.items())[:5]}
    return ema | {"betas": torch.zeros(1000), "alphas_cumprod": torch.ones(1000), "model_ema.decay": torch.ones(())}


def _state(parts, part):
    return parts[part].state_dict().items()


def unet_key(name, unet):
    """The original name of a diffusers UNet weight."""
    per_level = unet.config.layers_per_block + 1
    if m := re.match(r"(down|up)_blocks\.(\d)\.(resnets|attentions)\.(\d)\.(.*)", name):
        side, level, kind, place, rest = m[1], int(m[2]), m[3], int(m[4]), m[5]
        block = level * per_level + place + (side == "down")
        return (
            f"{'input' if side == 'down' else 'output'}_blocks.{block}.{int(kind == 'attentions')}.{_inner(kind, rest)}"
        )
    if m := re.match(r"down_blocks\.(\d)\.downsamplers\.0\.conv\.(.*)", name):
        return f"input_blocks.{per_level * (int(m[1]) + 1)}.0.op.{m[2]}"
    if m := re.match(r"up_blocks\.(\d)\.upsamplers\.0\.(.*)", name):
        place = 2 if hasattr(unet.up_blocks[int(m[1])], "attentions") else 1
        return f"output_blocks.{per_level * int(m[1]) + per_level - 1}.{place}.{m[2]}"
    if m := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name):
        return f"middle_block.{1 if m[1] == 'attentions' else 2 * int(m[2])}.{_inner(m[1], m[3])}"
    part, leaf = name.rsplit(".", 1)
    return f"{UNET_TOP[part]}.{leaf}"


def _inner(kind, rest):
    part, leaf = rest.rsplit(".", 1)
    return rest if kind == "attentions" else f"{RESNET[part]}.{leaf}"


def vae_key(name):
    """The original name of a diffusers VAE weight."""
    name = re.sub(r"encoder\.down_blocks\.(\d)\.resnets\.(\d)\.", r"encoder.down.\1.block.\2.", name)
    name = re.sub(r"encoder\.down_blocks\.(\d)\.downsamplers\.0\.", r"encoder.down.\1.downsample.", name)
    name = re.sub(
        r"decoder\.up_blocks\.(\d)\.(resnets\.|upsamplers\.)(\d)\.",
        lambda m: f"decoder.up.{3 - int(m[1])}." + (f"block.{m[3]}." if m[2] == "resnets." else "upsample."),
        name,
    )
    name = re.sub(r"mid_block\.resnets\.(\d)\.", lambda m: f"mid.block_{int(m[1]) + 1}.", name)
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    if "mid_block.attentions.0." in name:
        start, rest = name.split("mid_block.attentions.0.")
        part, leaf = rest.rsplit(".", 1)
        name = f"{start}mid.attn_1.{VAE_ATTENTION[part]}.{leaf}"
    return name


def _as_convolution(name, weight):
    return weight[:, :, None, None] if "attentions.0.to_" in name and weight.ndim == 2 else weight


def _text(parts, family):
    if family.startswith("sd2"):
        return _open_clip(parts["text_encoder"], "cond_stage_model.model.")
    start = "cond_stage_model.transformer." if family == "sd1" else "conditioner.embedders.0.transformer."
    tensors = {start + _with_prefix(name): weight for name, weight in _state(parts, "text_encoder")}
    return tensors | (_open_clip(parts["text_encoder_2"], "conditioner.embedders.1.model.") if family == "sdxl" else {})


def _with_prefix(name):
    return name if name.startswith(("text_model.", "text_projection")) else f"text_model.{name}"


def _open_clip(encoder, start):
    """An OpenCLIP text tower: joined query, key and value, transposed projection."""
    import torch

    w = {_with_prefix(name): weight for name, weight in encoder.state_dict().items()}
    tensors = {
        "positional_embedding": w["text_model.embeddings.position_embedding.weight"],
        "token_embedding.weight": w["text_model.embeddings.token_embedding.weight"],
        "text_projection": w["text_projection.weight"].T if "text_projection.weight" in w else torch.eye(32),
        "logit_scale": torch.tensor(4.6),
    }
    pairs = {
        "attn.out_proj": "self_attn.out_proj",
        "ln_1": "layer_norm1",
        "ln_2": "layer_norm2",
        "mlp.c_fc": "mlp.fc1",
        "mlp.c_proj": "mlp.fc2",
    }
    layers = encoder.config.num_hidden_layers
    for leaf in ("weight", "bias"):
        tensors[f"ln_final.{leaf}"] = w[f"text_model.final_layer_norm.{leaf}"]
        for layer in range(layers):
            ours, theirs = f"text_model.encoder.layers.{layer}.", f"transformer.resblocks.{layer}."
            tensors[f"{theirs}attn.in_proj_{leaf}"] = torch.cat([w[f"{ours}self_attn.{x}_proj.{leaf}"] for x in "qkv"])
            tensors |= {f"{theirs}{new}.{leaf}": w[f"{ours}{old}.{leaf}"] for new, old in pairs.items()}
    if layers == SD2_LAYERS:
        # The last layer is in the file but is never used.
        last = f"transformer.resblocks.{layers - 1}."
        unused = {
            name.replace(last, f"transformer.resblocks.{layers}."): w for name, w in tensors.items() if last in name
        }
        tensors |= {name: torch.zeros_like(w) for name, w in unused.items()}
    return {start + name: weight for name, weight in tensors.items()}
