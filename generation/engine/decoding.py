"""From latents to pictures and back, one at a time so that memory stays that of one."""

from contextlib import contextmanager


def decode(pipeline, latent):
    """The PIL picture of one latent (channels, h, w) in the UNet's scale."""
    import torch

    vae = pipeline.vae
    with torch.inference_mode(), enough_precision(vae):
        scaled = to_vae_scale(latent[None], vae.config).to(vae.dtype)
        pixels = vae.decode(scaled, return_dict=False)[0]
    # float() because numpy has no bfloat16.
    return pipeline.image_processor.postprocess(pixels.float(), output_type="pil")[0]


def encode(pipeline, image):
    """The latent (1, channels, h, w) of a PIL picture in the UNet's scale; always the same for the same picture."""
    import torch

    vae = pipeline.vae
    with torch.inference_mode(), enough_precision(vae):
        pixels = pipeline.image_processor.preprocess(image).to(pipeline._execution_device, vae.dtype)
        # The middle of what the VAE thinks likely: its noise would only blur the source.
        latent = vae.encode(pixels).latent_dist.mode()
    return to_unet_scale(latent, vae.config).to(pipeline.unet.dtype)


def to_unet_scale(latents, config):
    """The inverse of `to_vae_scale`."""
    import torch

    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean and std:
        mean, std = (torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (mean, std))
        return (latents - mean) * config.scaling_factor / std
    return (latents - (getattr(config, "shift_factor", None) or 0)) * config.scaling_factor


def to_vae_scale(latents, config):
    """Undo the scale the UNet works in. Some SDXL variants also carry per-channel means."""
    import torch

    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean and std:
        mean, std = (torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (mean, std))
        return latents * std / config.scaling_factor + mean
    return latents / config.scaling_factor + (getattr(config, "shift_factor", None) or 0)


@contextmanager
def enough_precision(vae):
    """SDXL's VAE overflows in fp16 (black pictures); widen it for the time of use."""
    import torch

    widen = vae.dtype == torch.float16 and vae.config.force_upcast
    if widen:
        vae.to(torch.float32)
    try:
        yield
    finally:
        if widen:
            vae.to(torch.float16)
