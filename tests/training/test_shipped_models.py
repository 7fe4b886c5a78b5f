"""The weights that come with the site: what the manifest says, and that they draw."""

import json
from pathlib import Path

import pytest

from generation.training.manifest import sha256

ROOT = Path(__file__).parents[2] / "models_hub" / "starter"
MODELS = json.loads((ROOT / "manifest.json").read_text())["models"]
CHECKPOINTS = [model for model in MODELS if model["kind"] == "checkpoint"]
CONTROLS = [model for model in MODELS if model["kind"] == "controlnet"]
LORAS = [model for model in MODELS if model["kind"] == "lora"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["slug"])
def test_every_file_has_the_hash_the_manifest_says(model):
    for file in model["files"]:
        path = ROOT / model["slug"] / file["path"]
        assert (sha256(path), path.stat().st_size) == (file["sha256"], file["bytes"])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["slug"])
def test_every_sample_is_there_with_prompt_and_seed(model):
    assert model["samples"]
    for sample in model["samples"]:
        assert (ROOT / model["slug"] / sample["file"]).exists()
        assert sample["prompt"]
        assert isinstance(sample["seed"], int)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["slug"])
def test_every_model_says_what_it_is_in_both_languages(model):
    for key in ("name", "description", "example_prompts"):
        assert model[key]["en"]
        assert model[key]["zh"]


def test_what_is_added_names_a_checkpoint_that_is_there():
    assert {model["base"] for model in LORAS + CONTROLS} <= {model["slug"] for model in CHECKPOINTS}


@pytest.mark.engine
@pytest.mark.parametrize("sampler", ["DPMSolverMultistepScheduler", "EulerDiscreteScheduler"])
@pytest.mark.parametrize("model", CHECKPOINTS, ids=lambda model: model["slug"])
def test_every_checkpoint_draws_offline(model, sampler, monkeypatch):
    import diffusers
    import numpy as np

    from generation.training.pipeline import load_pipeline
    from generation.training.sheet import draw

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    pipeline = load_pipeline(ROOT / model["slug"])
    pipeline.scheduler = getattr(diffusers, sampler).from_config(pipeline.scheduler.config)

    apple, rocket = (np.asarray(picture, float) for picture in draw(pipeline, ["a red apple", "火箭"], steps=4))

    assert apple.shape == (128, 128, 3)
    assert abs(apple - rocket).mean() > 5


@pytest.mark.engine
@pytest.mark.parametrize("model", LORAS, ids=lambda model: model["slug"])
def test_a_lora_changes_the_picture_and_can_be_taken_off(model):
    import numpy as np

    from generation.training.pipeline import load_pipeline
    from generation.training.sheet import draw

    pipeline = load_pipeline(ROOT / model["base"])
    plain = np.asarray(draw(pipeline, ["a house"], steps=4)[0], float)
    pipeline.load_lora_weights(ROOT / model["slug"])
    lined = np.asarray(draw(pipeline, ["a house"], steps=4)[0], float)
    pipeline.unload_lora_weights()

    assert abs(plain - lined).mean() > 5
    assert (np.asarray(draw(pipeline, ["a house"], steps=4)[0], float) == plain).all()


@pytest.mark.engine
@pytest.mark.parametrize("model", CONTROLS, ids=lambda model: model["slug"])
def test_a_control_net_makes_the_picture_follow_lines_that_the_words_do_not_say(model):
    import numpy as np
    from diffusers import ControlNetModel
    from PIL import ImageOps

    from generation.training.control_sheet import agreement, draw, steered
    from generation.training.pipeline import load_pipeline
    from generation.training.scenes import lines_of

    pipeline, prompts = load_pipeline(ROOT / model["base"]), ["guitar", "a rocket", "a pear"]
    network = ControlNetModel.from_pretrained(ROOT / model["slug"], torch_dtype=pipeline.unet.dtype)
    plain = draw(pipeline, prompts, None, seed=3)
    lines = [lines_of(np.asarray(ImageOps.mirror(picture)) / 255) for picture in plain]

    followed = draw(steered(pipeline, network), prompts, lines, seed=3)

    without = np.mean(list(map(agreement, lines, plain)))
    assert np.mean(list(map(agreement, lines, followed))) > without + 0.2
