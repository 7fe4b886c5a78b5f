"""The hub's pages: list, search, one model, its samples."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from models_hub.models import ModelFile, ModelSample
from tests.factories import ModelVersionFactory


@pytest.fixture
def sample(version, tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a.png")
    row = ModelSample(version=version, prompt="a red square", seed=3)
    row.image.save("a.png", ContentFile((tmp_path / "a.png").read_bytes(), name="a.png"))
    return row


def shown(client, query):
    return {card.slug for card in client.get(f"/models/{query}").context["page"].cards}


@pytest.mark.django_db(transaction=True)
def test_models_are_found_by_kind_and_by_name_in_both_languages(client, version):
    names = {"card__slug": "line", "card__name": "Line art", "card__name_zh": "线条画"}
    ModelVersionFactory(**names, card__kind="lora", card__family="sd1")

    assert shown(client, "") == {"starter", "line"}
    assert shown(client, "?kind=lora") == {"line"}
    assert shown(client, "?q=START") == {"starter"}
    assert shown(client, "?q=线条") == {"line"}
    assert shown(client, "?q=nothing") == set()
    assert shown(client, "?kind=bogus") == {"starter", "line"}


def test_a_model_shows_files_licence_words_and_samples(client, version, sample):
    digest = hashlib.sha256(b"x").hexdigest()
    ModelFile.objects.create(version=version, name="unet.safetensors", size=1, sha256=digest)
    version.trigger_words = ["3d icon"]
    version.save()
    version.card.licence = "MIT"
    version.card.save()

    page = client.get("/models/starter/").content.decode()

    for expected in (digest, "MIT", 'data-text="3d icon"', "model=starter&amp;prompt=a%20red%20square&amp;seed=3"):
        assert expected in page


def test_pictures_of_the_community_hang_on_the_models_page(client, picture):
    assert f'id="tile-{picture.pk}"' in client.get("/models/starter/").content.decode()


def test_a_sample_is_served_with_its_model_only(client, version, sample):
    address = f"/models/starter/samples/{sample.pk}"
    response = client.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert client.get(address, HTTP_IF_NONE_MATCH=response.headers["ETag"]).status_code == 304

    version.card.status = "draft"
    version.card.save()
    assert client.get(address).status_code == 404


def test_no_proxy_keeps_a_sample_of_a_draft(client, people, version, sample):
    client.force_login(people["moderator"])
    version.card.status = "draft"
    version.card.save()

    assert client.get(f"/models/starter/samples/{sample.pk}").headers["Cache-Control"] == "private, no-cache"


def test_every_version_has_its_tab(client, version):
    newer = ModelVersionFactory(card=version.card, name="2.0")

    assert client.get("/models/starter/").context["version"] == newer
    assert client.get(f"/models/starter/?version={version.pk}").context["version"] == version
    assert client.get("/models/starter/?version=x").context["version"] == newer
