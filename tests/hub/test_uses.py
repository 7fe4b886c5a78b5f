"""Which pictures were made with which version, also when the version comes after the picture; how often it is used."""

import pytest

from gallery import uses
from gallery.models import Use
from models_hub import states
from models_hub import uses as counter
from models_hub.models import FileHash, ModelFile
from tests.factories import ModelVersionFactory, PictureFactory, RecipeFactory

SHA = "ab" * 32


@pytest.fixture
def stray(db):
    """A picture whose model and LoRA are not on the site."""
    lora = {"name": "ink", "sha256": "cd" * 5, "weight": 1}
    recipe = RecipeFactory(version=None, model_sha256=SHA[:10], loras=[lora])
    columns = {"version": None, "model_sha256": recipe.model_sha256, "loras": recipe.loras, "resources": []}
    uses.record(recipe.picture, columns)
    return recipe


def test_a_new_picture_says_what_it_was_made_with(version):
    lora = ModelVersionFactory(card__kind="lora")
    picture = PictureFactory()
    named = {"sha256": lora.sha256, "version_id": lora.pk}
    uses.record(picture, {"version": version, "model_sha256": version.sha256, "loras": [named], "resources": []})

    assert set(Use.objects.values_list("version", "role")) == {(version.pk, "model"), (lora.pk, "lora")}


def test_a_model_that_comes_later_finds_the_pictures_made_with_it(stray):
    version = ModelVersionFactory(sha256=SHA)

    uses.link(version)

    stray.refresh_from_db()
    stray.picture.refresh_from_db()
    assert (stray.version, stray.picture.card) == (version, version.card)
    assert "version_id" not in stray.loras[0]
    assert list(version.pictures_made.values_list("picture", flat=True)) == [stray.picture.pk]


def test_a_lora_is_known_by_the_short_hash_of_its_file(stray):
    version = ModelVersionFactory(card__kind="lora", sha256="ef" * 32)
    file = ModelFile.objects.create(version=version, name="ink", size=1, sha256="ef" * 32)
    FileHash.objects.create(file=file, kind="AutoV2", value="cd" * 5)

    uses.link(version)

    stray.refresh_from_db()
    assert stray.loras[0]["version_id"] == version.pk
    assert stray.version is None


def test_it_happens_when_a_version_is_published():
    assert uses.link in states.on_published


def test_another_models_hash_links_nothing(stray):
    uses.link(ModelVersionFactory(sha256="99" * 32))

    assert Use.objects.filter(version=None).count() == 2


def test_each_version_of_a_job_is_counted_once(version, django_assert_num_queries):
    lora = ModelVersionFactory(card__kind="lora")

    with django_assert_num_queries(4):
        counter.count([version, lora, None, version])

    for one in (version, lora):
        one.refresh_from_db()
        one.card.refresh_from_db()
        assert (one.uses, one.card.uses) == (1, 1)
