"""Every layout people publish is called by its name, and the site says whether it can draw with it."""

import json

import pytest

from models_hub.inspection import inspect, notes
from models_hub.inspection.safetensors import MAX_TENSORS, read_header

K = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
UNET = "model.diffusion_model.input_blocks.0.0.weight"
TO_K = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
SD1, VAE = "cond_stage_model.transformer.text_model.x", "first_stage_model.decoder.conv_in.weight"


@pytest.mark.parametrize(
    ("shapes", "family", "variant", "rank", "cannot"),
    [
        ({f"{K}.lora_down.weight": (8, 768), f"{K}.lora_up.weight": (320, 8), f"{K}.alpha": ()}, "sd1", "kohya", 8, ""),
        ({f"{K}.lora_down.weight": (8, 2048), f"{K}.lora_up.weight": (640, 8), f"{K}.dora_scale": (1, 2048)},
         "sdxl", "DoRA", 8, ""),
        ({f"{K}.hada_w1_a": (320, 4), f"{K}.hada_w1_b": (4, 768), f"{K}.hada_w2_a": (320, 4),
          f"{K}.hada_w2_b": (4, 768), f"{K}.alpha": ()}, "sd1", "LoHa", 4, "lora_layout"),
        ({f"{K}.lokr_w1": (4, 4), f"{K}.lokr_w2_a": (80, 6), f"{K}.lokr_w2_b": (6, 192), f"{K}.alpha": ()},
         "", "LoKr", 6, "lora_layout"),
        ({f"{K}.weight": (320, 1), f"{K}.on_input": ()}, "", "IA3", None, "lora_layout"),
        ({f"{K}.oft_blocks": (4, 8, 8)}, "", "OFT", None, "lora_layout"),
        ({f"{K}.diff": (320, 768)}, "", "full difference", None, "lora_layout"),
        ({"unet.x.attn2.to_k.lora_A.weight": (16, 1024), "unet.x.attn2.to_k.lora_B.weight": (4, 16)},
         "sd2", "PEFT", 16, ""),
        ({"unet.x.attn2.processor.to_k_lora.down.weight": (4, 768),
          "unet.x.attn2.processor.to_k_lora.up.weight": (9, 4)}, "sd1", "diffusers", 4, ""),
        ({"lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight": (16, 3072),
          "lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight": (9, 16)}, "flux", "kohya", 16, "family_not_drawn"),
        ({"lora_unet_joint_blocks_0_x.lora_down.weight": (2, 64), "lora_unet_joint_blocks_0_x.lora_up.weight": (9, 2)},
         "sd3", "kohya", 2, "family_not_drawn"),
        ({"lora_te2_x.lora_down.weight": (4, 1280), "lora_te2_x.lora_up.weight": (9, 4)}, "sdxl", "kohya", 4, ""),
    ],
)  # fmt: skip
def test_loras_and_their_relatives(named, shapes, family, variant, rank, cannot):
    report = inspect(named(shapes=shapes))

    assert (report.kind, report.family, report.variant, report.rank) == ("lora", family, variant, rank)
    assert report.cannot_run == cannot


@pytest.mark.parametrize(
    ("shapes", "kind", "family", "variant", "cannot"),
    [
        ({UNET: (320, 4, 3, 3), SD1: (1,), VAE: (512, 4, 3, 3)}, "checkpoint", "sd1", "ldm", ""),
        ({UNET: (320, 4, 3, 3), TO_K: (320, 768)}, "checkpoint", "sd1", "ldm", "no_text_encoder"),
        ({UNET: (320, 4, 3, 3), SD1: (1,)}, "checkpoint", "sd1", "ldm", "no_vae"),
        ({UNET: (320, 4, 3, 3)}, "checkpoint", "", "ldm", "family_unknown"),
        ({"input_blocks.0.0.weight": (320, 4, 3, 3)}, "checkpoint", "", "unet", "unet_only"),
        ({"conv_in.weight": (320, 4, 3, 3), "up_blocks.0.x": (1,), "mid_block.attn2.to_k.weight": (9, 2048)},
         "checkpoint", "sdxl", "unet", "unet_only"),
        ({"double_blocks.0.x": (1,)}, "checkpoint", "flux", "", "family_not_drawn"),
        ({"decoder.conv_in.weight": (512, 4, 3, 3), "encoder.x": (1,)}, "vae", "", "", ""),
        ({"decoder.conv_in.weight": (512, 16, 3, 3)}, "vae", "", "", "latents_other"),
        ({"control_model.x.attn2.to_k.weight": (320, 768)}, "controlnet", "sd1", "ldm", ""),
        ({"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3), "down.attn2.to_k.weight": (9, 2048)},
         "controlnet", "sdxl", "diffusers", ""),
        ({"lllite_unet_input_blocks_1.conditioning1.0.weight": (4, 3, 4, 4)}, "controlnet", "", "ControlLLLite",
         "control_layout"),
        ({"adapter.body.0.resnets.0.block1.weight": (4, 4, 3, 3)}, "controlnet", "", "T2I-Adapter", "control_layout"),
        ({"image_proj.proj.weight": (4, 4)}, "controlnet", "", "IP-Adapter", "control_layout"),
        ({"emb_params": (8, 768)}, "embedding", "sd1", "", ""),
        ({"emb_params": (8, 1024)}, "embedding", "sd2", "", ""),
        ({"<cat-toy>": (768,)}, "embedding", "sd1", "", ""),
        ({"clip_l": (4, 768), "clip_g": (4, 1280)}, "embedding", "sdxl", "two encoders", ""),
        ({"emb_params": (90, 768)}, "embedding", "sd1", "", "too_many_vectors"),
        ({"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)}, "upscaler", "", "RRDB",
         "upscaler_not_used"),
        ({"model.0.weight": (64, 3, 3, 3), "model.1.sub.0.RDB1.conv1.0.weight": (32, 64, 3, 3)}, "upscaler", "", "RRDB",
         "upscaler_not_used"),
        ({"body.0.weight": (64, 3, 3, 3), "body.1.weight": (64,), "body.2.weight": (48, 64, 3, 3)}, "upscaler", "",
         "SRVGG", "upscaler_not_used"),
    ],
)  # fmt: skip
def test_other_kinds(named, shapes, kind, family, variant, cannot):
    report = inspect(named(shapes=shapes))

    assert (report.kind, report.family, report.variant, report.cannot_run) == (kind, family, variant, cannot)


def test_upscalers_tell_how_much_they_enlarge(named):
    shapes = {"body.0.weight": (64, 3, 3, 3), "body.1.weight": (64,), "body.2.weight": (12, 64, 3, 3)}
    assert inspect(named(shapes=shapes)).scale == 2
    shapes = {"conv_first.weight": (64, 12, 3, 3), "body.0.rdb1.conv1.weight": (1, 1, 3, 3)}
    assert inspect(named(shapes=shapes)).scale == 2


@pytest.mark.parametrize(("note", "family"), [("sdxl_base_v1-0", "sdxl"), ("sd_v2_v", "sd2-v"), ("sd_1.5", "sd1")])
def test_what_the_trainer_noted_helps_where_tensors_do_not_tell(named, note, family):
    shapes = {"lora_te_x.lora_down.weight": (4, 640), "lora_te_x.lora_up.weight": (9, 4)}

    assert inspect(named(shapes=shapes, metadata={"ss_base_model_version": note})).family == family


def test_training_facts_are_read_as_far_as_they_can_be():
    found = notes.facts(
        {
            "ss_sd_model_name": "base.safetensors", "ss_steps": "1200", "ss_epoch": "10", "ss_resolution": "(768, 512)",
            "ss_network_dim": "16", "ss_network_alpha": "8.0", "ss_num_train_images": "many",
            "modelspec.author": "A\x00b",
            "ss_learning_rate": "1e-4", "modelspec.title": "None",
        }
    )  # fmt: skip

    assert found == {
        "base_model": "base.safetensors", "steps": 1200, "epochs": 10, "resolution": "768x512", "noted_rank": 16,
        "alpha": 8.0, "author": "Ab", "learning_rate": 1e-4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"ss_tag_frequency": {"5_x": {"ohwx": 20, "1girl": 19, "smile": 3, "hat": 1}}}, ("ohwx", "1girl")),
        ({"ss_tag_frequency": {"5_a": {"ohwx": 10, "red": 2}, "2_b": {"ohwx": 4, "blue": 4}}}, ("ohwx",)),
        ({"ss_tag_frequency": {"3_ink style": {}}}, ("ink style",)),
        ({"ss_dataset_dirs": {"7_sks_dog": {"n_repeats": 7}}}, ("sks dog",)),
        ({"modelspec.trigger_phrase": "ohwx, ink", "ss_tag_frequency": {"1_x": {"a": 1}}}, ("ohwx", "ink")),
        ({"ss_tag_frequency": "[1, 2"}, ()),
        ({"ss_tag_frequency": {"x": [1]}}, ()),
        ({}, ()),
    ],
)
def test_trigger_words_are_proposed_from_the_notes(metadata, words):
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}

    assert notes.trigger_words(texts) == words


def test_the_largest_real_files_have_far_fewer_tensors_than_the_bound(named):
    """SDXL has 2,515 tensors; the most that trainers write for it, LoHa with alphas over all layers, about 9,000."""
    shapes = {f"layer_{number}.hada_w1_a": (1,) for number in range(9_000)}

    assert len(read_header(named(shapes=shapes)).tensors) == 9_000
    assert MAX_TENSORS == 20_000
