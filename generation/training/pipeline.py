"""Puts trained parts together into a StableDiffusionPipeline."""

from pathlib import Path

import torch

# The noise scale all starter checkpoints share; v_prediction needs no special end (terminal signal 0.015).
NOISE = {
    "num_train_timesteps": 1000,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.02,
    "prediction_type": "v_prediction",
}


def new_unet(cross_width: int = 256, channels: tuple[int, int, int] = (64, 128, 256)):
    """An untrained UNet; at the defaults 16.8 M parameters and about 38 training samples a second and core."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=channels,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=cross_width,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def forget_text(unet) -> None:
    """Make the UNet's cross-attention start anew, silent, for another text encoder; the rest keeps its skill."""
    for name, module in unet.named_modules():
        if name.endswith(("attn2.to_k", "attn2.to_v")):
            module.reset_parameters()
        elif name.endswith("attn2.to_out.0"):
            torch.nn.init.zeros_(module.weight)


def signal_levels():
    """The share of signal left (alpha-bar) at each of the 1000 timesteps."""
    from diffusers import DDPMScheduler

    return DDPMScheduler(**NOISE).alphas_cumprod


def sampler():
    from diffusers import DPMSolverMultistepScheduler

    return DPMSolverMultistepScheduler(
        **NOISE, algorithm_type="dpmsolver++", solver_order=2, timestep_spacing="trailing", steps_offset=1
    )


def assemble(vae, text_encoder, tokenizer, unet):
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=sampler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def load_vae(folder: Path):
    from diffusers import AutoencoderKL

    return AutoencoderKL.from_pretrained(folder, torch_dtype=torch.float32).eval()


def load_pipeline(folder: Path):
    """A saved pipeline in float32, without touching the network."""
    from diffusers import StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(
        folder, torch_dtype=torch.float32, safety_checker=None, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline
