"""The shipped configurations describe the published networks, weight for weight."""

import pytest

from generation.engine.loading import CONFIGS

# Published sizes: SD 1.5, SD 2.1, SDXL 1.0 and their text encoders, in weights.
CLIP_L, OPENCLIP_H, OPENCLIP_G, VAE = 123_060_480, 340_387_840, 694_659_840, 83_653_863
SIZES = {
    "sd1": {"unet": 859_520_964, "vae": VAE, "text_encoder": CLIP_L},
    "sd2": {"unet": 865_910_724, "vae": VAE, "text_encoder": OPENCLIP_H},
    "sd2-v": {"unet": 865_910_724, "vae": VAE, "text_encoder": OPENCLIP_H},
    "sdxl": {"unet": 2_567_463_684, "vae": VAE, "text_encoder": CLIP_L, "text_encoder_2": OPENCLIP_G},
}


@pytest.mark.parametrize("family", SIZES)
def test_a_family_has_the_published_number_of_weights(family):
    import torch

    from . import tiny

    with torch.device("meta"):
        parts = tiny.build(CONFIGS, family)

    assert {part: sum(w.numel() for w in module.parameters()) for part, module in parts.items()} == SIZES[family]


@pytest.mark.parametrize(("family", "prediction"), [("sd1", "epsilon"), ("sd2-v", "v_prediction"), ("sdxl", "epsilon")])
@pytest.mark.parametrize("sampler", ["dpmpp_2m", "euler", "ddim"])
def test_a_sampler_keeps_what_the_family_was_trained_with(family, prediction, sampler):
    import json

    from generation.engine.samplers import build_scheduler

    config = json.loads((CONFIGS / family / "scheduler" / "scheduler_config.json").read_text())
    built = build_scheduler(sampler, config).config

    assert (built.prediction_type, built.beta_end, built.steps_offset) == (prediction, 0.012, 1)
