"""manage.py generate, fetch_models and add_model, as an operator meets them."""

import shutil

import numpy
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from models_hub import services
from models_hub.models import ModelCard, ModelVersion
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_thread(settings):
    """Two would get in each other's way beside other tests."""
    settings.RENDER_THREADS = 1


@pytest.fixture
def tiny_model(tiny_folders):
    card = ModelCardFactory(name="Tiny", slug="tiny", family="sd1")
    settings = {"width": 64, "height": 64, "steps": 2, "guidance": 3.0, "sampler": "euler"}
    return services.add_version(card=card, path=tiny_folders[0], layout="diffusers", settings=settings)[0]


def generate(path, *options):
    call_command("generate", "a red apple", "--seed=7", f"--out={path}", *options)
    return Image.open(path)


@pytest.mark.parametrize("prompt", ["", "  "])
def test_generate_asks_for_a_prompt(tiny_model, tmp_path, prompt):
    with pytest.raises(CommandError, match="Prompt: type what"):
        call_command("generate", prompt, f"--out={tmp_path / 'x.png'}")


def test_generate_draws_the_same_picture_twice_with_its_recipe(tiny_model, tmp_path):
    first, second = generate(tmp_path / "1.png"), generate(tmp_path / "2.png", "--model=tiny")

    assert numpy.array_equal(numpy.asarray(first), numpy.asarray(second))
    assert first.size == (64, 64)
    assert "Steps: 2, Sampler: Euler, CFG scale: 3, Seed: 7, Size: 64x64" in first.info["parameters"]


def test_generate_shows_how_far_it_is(tiny_model, tmp_path, capsys):
    generate(tmp_path / "1.png", "--steps=3")

    assert "denoising  [##########" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--model=nope"], "no checkpoint named “nope”. Known: tiny"),
        (["--width=100"], "Width: give a multiple of 8"),
        (["--steps=61"], "Steps: give a whole number from 1 to 60"),
        (["--seed=4294967296"], "Seed: give a whole number from 0 to 4294967295"),
        (["--lora=tiny-lora:5"], "LoRA weight: give a number from -2 to 2"),
        (["--sampler=magic"], "Sampler “magic” is not known"),
        (["--lora=nope"], "no lora named “nope”"),
        (["--lora=tiny:heavy"], "weight after the colon"),
        (["--out=/nowhere/at/all.png"], "a folder that exists"),
    ],
)
def test_generate_tells_what_is_wrong_in_a_sentence(tiny_model, tmp_path, options, sentence):
    ModelVersionFactory(card__kind="lora", card__slug="tiny-lora")
    with pytest.raises(CommandError, match=sentence):
        generate(tmp_path / "x.png", *options)


def test_generate_without_any_model_says_what_to_do(tmp_path):
    with pytest.raises(CommandError, match="add_model"):
        generate(tmp_path / "x.png")


def test_fetch_models_refuses_an_unknown_name():
    with pytest.raises(CommandError, match=r"Known are: .*realesr-animevideov3-x4"):
        call_command("fetch_models", "unknown")


def test_fetch_models_says_what_is_present(weights_dir, settings, capsys):
    settings.WEIGHTS_DIR = weights_dir

    call_command("fetch_models")

    assert "realesr-animevideov3-x4: present (1.3 MB)" in capsys.readouterr().out


def test_add_model_registers_a_single_file_that_then_draws(singles, tmp_path, engine):
    from generation.engine.spec import RenderSpec
    from generation.recipes import specs

    UserFactory(username="olga")
    call_command("add_model", singles["sd1"].path, name="My model", owner="olga")

    version = ModelVersion.objects.get(card__slug="my-model")
    spec = RenderSpec(specs.checkpoint_ref(version), "x", (1,), steps=1, width=64, height=64)
    assert (version.layout, version.card.family, version.card.owner.username) == ("single", "sd1", "olga")
    assert version.card.status == ModelCard.Status.PUBLISHED
    assert engine.render(spec).images[0].size == (64, 64)


def test_add_model_takes_a_folder_of_many(tiny_folders, singles, tmp_path, capsys):
    (tmp_path / "one.safetensors").symlink_to(singles["sdxl"].path)
    (tmp_path / "two").symlink_to(tiny_folders[1])
    (tmp_path / "notes.txt").write_text("not a model")

    call_command("add_model", str(tmp_path))

    assert set(ModelCard.objects.values_list("slug", "family")) == {("one", "sdxl"), ("two", "starter")}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\x80\x04 a pickle", "a Python pickle"), (b"", "too short")],
)
def test_add_model_refuses_what_is_no_model(tmp_path, capsys, content, sentence):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)

    with pytest.raises(CommandError, match="1 of 1 could not be added"):
        call_command("add_model", str(path))

    assert sentence in capsys.readouterr().err
    assert not ModelCard.objects.exists()


def test_add_model_refuses_a_family_that_cannot_be_drawn(tmp_path, capsys):
    from safetensors.numpy import save_file

    save_file({"double_blocks.0.img_attn.qkv.weight": numpy.zeros(1)}, tmp_path / "flux.safetensors")

    with pytest.raises(CommandError):
        call_command("add_model", str(tmp_path / "flux.safetensors"))

    assert "family “flux”" in capsys.readouterr().err


@pytest.mark.parametrize("source", ["/nowhere/model.safetensors", "nowhere", "../owner/model"])
def test_add_model_says_when_there_is_nothing(source):
    with pytest.raises(CommandError, match="does not exist"):
        call_command("add_model", source)


@pytest.fixture
def sidecars_of(settings, tmp_path, monkeypatch):
    """The site's sidecars in a folder of their own, for checkpoints of any size."""
    from generation.engine.sidecars import Sidecars

    settings.SIDECARS_DIR = tmp_path / "sidecars"
    monkeypatch.setattr("generation.recipes.specs.Sidecars", lambda *args: Sidecars(*args, least_parameters=0))
    return Sidecars(settings.SIDECARS_DIR)


def test_prepare_models_converts_what_is_published_once(tiny_model, sidecars_of, capsys):
    call_command("prepare_models")
    before = sidecars_of.bytes()
    call_command("prepare_models", "tiny")

    assert capsys.readouterr().out.count("tiny: float32, ready") == 2
    assert sidecars_of.bytes() == before > 0


def test_prepare_models_names_what_it_cannot_convert_and_goes_on(
    tiny_model, tiny_folders, sidecars_of, tmp_path, capsys
):
    folder = shutil.copytree(tiny_folders[1], tmp_path / "spoilt")
    card = ModelCardFactory(name="Spoilt", slug="spoilt", family="sd1")
    services.add_version(card=card, path=folder, layout="diffusers")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(b"spoilt")

    call_command("prepare_models")

    told = capsys.readouterr()
    assert "diffusion_pytorch_model" in told.err
    assert "tiny: float32, ready" in told.out


def test_small_checkpoints_are_left_as_they_are(tiny_model, settings, tmp_path, capsys):
    settings.SIDECARS_DIR = tmp_path / "sidecars"

    call_command("prepare_models")

    assert "tiny: is read as it is" in capsys.readouterr().out
    assert not settings.SIDECARS_DIR.exists()
