"""Tiny random ControlNets, VAEs and embeddings that fit the checkpoints of tiny.py, in the layouts people upload."""

import torch
from safetensors.torch import save_file

from . import tiny


def write_control(configs, family, path, single=False, seed=5):
    """A ControlNet that really steers (a fresh one is all zeros): a diffusers folder, or a single file."""
    from diffusers import ControlNetModel

    network = ControlNetModel.from_unet(tiny.build(configs, family)["unet"])
    dice = torch.Generator().manual_seed(seed)
    for name, weight in network.named_parameters():
        if name.startswith(("controlnet_down", "controlnet_mid", "controlnet_cond_embedding.conv_out")):
            weight.data = torch.randn(weight.shape, generator=dice)
    if single:
        save_file(network.state_dict(), path)
    else:
        network.save_pretrained(path)
    return str(path)


def write_control_as_published(configs, path):
    """The ControlNet of tiny SD 1 under the original names."""
    from diffusers import ControlNetModel

    folder = path.parent / "published"
    network = ControlNetModel.from_pretrained(write_control(configs, "sd1", folder))
    save_file(
        {f"control_model.{control_key(n, network)}": w.contiguous() for n, w in network.state_dict().items()}, path
    )
    return str(path), str(folder)


def control_key(name, network):
    """The original name of a diffusers ControlNet weight."""
    start, _, rest = name.partition(".")
    if start == "controlnet_cond_embedding":
        part, leaf = rest.rsplit(".", 1)
        hints = len(network.controlnet_cond_embedding.blocks)
        if part.startswith("blocks."):
            return f"input_hint_block.{2 * int(part.split('.')[1]) + 2}.{leaf}"
        return f"input_hint_block.{0 if part == 'conv_in' else 2 * hints + 2}.{leaf}"
    if start == "controlnet_down_blocks":
        return f"zero_convs.{rest.replace('.', '.0.', 1)}"
    return f"middle_block_out.0.{rest}" if start == "controlnet_mid_block" else tiny.unet_key(name, network)


def write_vae(configs, path, family="sd1", original=False, seed=9):
    """Another VAE of the family's size: a diffusers folder, or a single file under the original names."""
    vae = tiny.build(configs, family, seed)["vae"]
    if original:
        save_file({tiny.vae_key(name): weight.contiguous() for name, weight in vae.state_dict().items()}, path)
    else:
        vae.save_pretrained(path)
    return str(path)


def write_embedding(path, name="emb_params", vectors=2, width=32, **others):
    """A textual inversion; `others`: more tensors as name=width. Strong, so that a tiny random model notices."""
    dice = torch.Generator().manual_seed(3)
    shapes = {name: (vectors, width)} | {other: (vectors, size) for other, size in others.items()}
    save_file({name: 9 * torch.randn(shape, generator=dice) for name, shape in shapes.items()}, path)
    return str(path)
