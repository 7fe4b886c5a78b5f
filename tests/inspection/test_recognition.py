"""What a file is, told by the names of its tensors."""

import json

import pytest

from models_hub.inspection import BadFile, inspect

UNET = "model.diffusion_model.input_blocks.0.0.weight"
SD1, SD2 = "cond_stage_model.transformer.text_model.x", "cond_stage_model.model.transformer.resblocks.0.x"
SDXL, REFINER = "conditioner.embedders.1.model.ln_final.bias", "conditioner.embedders.0.model.ln_final.bias"
TO_K = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
KOHYA = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"


@pytest.mark.parametrize(
    ("names", "kind", "family"),
    [
        ([UNET, SD1], "checkpoint", "sd1"),
        ([UNET, SD2], "checkpoint", "sd2-v"),
        ([UNET, SDXL, "conditioner.embedders.0.transformer.x"], "checkpoint", "sdxl"),
        ([UNET, REFINER], "checkpoint", "sdxl-refiner"),
        ([UNET], "checkpoint", ""),
        (["double_blocks.0.img_attn.qkv.weight"], "checkpoint", "flux"),
        (["model.diffusion_model.joint_blocks.0.x"], "checkpoint", "sd3"),
        (["lora_te2_text_model_x.lora_down.weight", "lora_te2_text_model_x.lora_up.weight"], "lora", "sdxl"),
        (["lora_unet_x.hada_w1_a", "lora_unet_x.hada_w1_b"], "lora", ""),
        (["control_model.input_blocks.0.0.weight"], "controlnet", ""),
        (["decoder.conv_in.weight", "encoder.conv_in.weight"], "vae", ""),
        (["emb_params"], "embedding", ""),
    ],
)
def test_names_tell_kind_and_family(named, names, kind, family):
    report = inspect(named(*names))

    assert (report.kind, report.family) == (kind, family)


@pytest.mark.parametrize(("width", "family"), [(768, "sd1"), (1024, "sd2"), (2048, "sdxl"), (256, "starter")])
@pytest.mark.parametrize(
    ("down", "up"),
    [
        (f"unet.{TO_K}.lora_A.weight", f"unet.{TO_K}.lora_B.weight"),
        (f"unet.{TO_K}.lora.down.weight", f"unet.{TO_K}.lora.up.weight"),
        (f"{KOHYA}.lora_down.weight", f"{KOHYA}.lora_up.weight"),
    ],
    ids=["peft", "diffusers", "kohya"],
)
def test_the_family_of_a_lora_is_told_by_the_text_it_listens_to(named, width, family, down, up):
    report = inspect(named(shapes={down: (4, width), up: (320, 4)}))

    assert (report.kind, report.family) == ("lora", family)


def test_notes_tell_sd2_base_from_sd2_v(named):
    report = inspect(named(UNET, SD2, metadata={"modelspec.prediction_type": "epsilon"}))

    assert report.family == "sd2"


def test_nine_channels_mean_inpainting(named):
    assert inspect(named(SD1, shapes={UNET: (320, 9, 3, 3)})).inpainting
    assert not inspect(named(SD1, shapes={UNET: (320, 4, 3, 3)})).inpainting


def test_inpainting_models_of_sd2_predict_noise_and_can_be_drawn_with(named):
    names = [*(["first_stage_model.decoder.conv_in.weight"]), SD2]
    report = inspect(named(*names, shapes={UNET: (320, 9, 3, 3)}))

    assert (report.family, report.prediction, report.cannot_run) == ("sd2", "epsilon", "")


def test_tensors_of_no_known_model_are_refused(named):
    with pytest.raises(BadFile, match="no model file"):
        inspect(named("what.ever"))


@pytest.fixture
def folder(tmp_path, named):
    """A diffusers folder as small as inspection lets it be."""
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [None, None],
    }
    for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "config.json").write_text('{"cross_attention_dim": 768, "in_channels": 4}')
        if part not in ("tokenizer", "scheduler"):
            named("x").rename(tmp_path / part / "model.safetensors")
    (tmp_path / "scheduler" / "scheduler_config.json").write_text("{}")
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    return tmp_path


def test_a_folder_is_recognised_with_the_files_it_consists_of(folder):
    (folder / "unet" / "evil.py").write_text("raise SystemExit")

    report = inspect(folder)

    assert (report.kind, report.family, report.layout, report.elements) == ("checkpoint", "sd1", "diffusers", 3)
    assert "unet/model.safetensors" in report.files
    assert not any(name.endswith(".py") for name in report.files)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"_class_name": "StableDiffusionUpscalePipeline"}, "pipeline"),
        ({"unet": ["os", "system"]}, "not loaded"),
        ({"unet": ["diffusers", "FluxTransformer"]}, "not loaded"),
        ({"hook": ["diffusers", "UNet2DConditionModel"]}, "not loaded"),
        ({"unet": ["diffusers"]}, "not loaded"),
        ({"vae": [None, None]}, "vae is missing"),
    ],
)
def test_a_folder_that_names_other_parts_is_refused(folder, change, why):
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | change))

    with pytest.raises(BadFile, match=why):
        inspect(folder)


def test_a_folder_with_pickled_weights_only_is_refused(folder):
    (folder / "unet" / "model.safetensors").rename(folder / "unet" / "diffusion_pytorch_model.bin")

    with pytest.raises(BadFile, match=r"unet has no \.safetensors"):
        inspect(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "1" * 1_000_001])
def test_a_folder_with_an_unreadable_index_is_refused(folder, text):
    (folder / "model_index.json").write_text(text)

    with pytest.raises(BadFile, match=r"model_index\.json cannot be read"):
        inspect(folder)
