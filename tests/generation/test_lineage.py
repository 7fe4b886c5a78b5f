"""Where a picture comes from is written down when it is stored, and shown as far as the reader may see."""

import pytest
from PIL import Image

from gallery.models import Derivation, Picture
from generation import services
from generation.asking import sources
from generation.engine.members import Rendered
from generation.rendering import finishing
from generation.scheduling import leases
from tests.factories import ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory
from tests.generation.drawn import source_of, with_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def version():
    return ModelVersionFactory()


def published(**fields):
    fields = {"visibility": "public", "published_at": "2026-01-01T00:00Z", **fields}
    return RecipeFactory(picture=with_file(PictureFactory(**fields))).picture


def finished(owner, version, **asked):
    """The picture of a job that is stored as if an engine had drawn it."""
    services.submit_job(owner=owner, version=version, prompt="a red apple", **asked)
    lease = leases.claim_next("test")
    rendered = Rendered([Image.new("RGB", (16, 16), "red")], {"denoise": 1.0}, True, {"device": "cpu"})
    return finishing.finish_job(lease, rendered).results.get().picture


def origins(picture):
    return set(Derivation.objects.filter(picture=picture).values_list("role", "source"))


def test_source_and_remix_are_written_down(owner, version):
    first, second = published(), published()
    source = sources.store_source(owner=owner, picture=first)

    picture = finished(owner, version, source=source, remix_of=second)

    assert origins(picture) == {("source", first.pk), ("remix", second.pk)}


def test_a_variation_is_one_origin(owner, version):
    first = published()
    source = sources.store_source(owner=owner, picture=first)

    picture = finished(owner, version, source=source, remix_of=first, is_variation=True)

    assert origins(picture) == {("variation", first.pk)}


def test_an_upload_has_no_origin(owner, version):
    assert origins(finished(owner, version, source=source_of(owner))) == set()


def test_the_recipe_says_how_it_was_made(owner, version):
    recipe = finished(owner, version, source=source_of(owner), strength=0.4, clip_skip=2).recipe

    assert (recipe.kind, recipe.strength, recipe.clip_skip) == ("img2img", 0.4, 2)


def test_an_enlargement_keeps_the_recipe_of_the_original(owner, version):
    original = published(owner=owner)
    source = sources.store_source(owner=owner, picture=original)

    recipe = finished(owner, version, source=source, kind="upscale").recipe

    names = ("prompt", "seed", "steps", "model_name", "version", "width")
    assert {name: getattr(recipe, name) for name in names} == {name: getattr(original.recipe, name) for name in names}
    assert (recipe.kind, recipe.upscale) == ("upscale", 4)


def test_an_enlarged_upload_has_a_recipe_without_a_model(owner, version):
    recipe = finished(owner, version, source=source_of(owner), kind="upscale").recipe

    assert (recipe.version, recipe.model_name) == (None, "Real-ESRGAN")


def derived(source, role="remix", **fields):
    picture = published(**fields)
    Derivation.objects.create(picture=picture, source=source, role=role)
    return picture


def test_the_page_of_a_picture_shows_both_ways(client):
    first = published()
    second = derived(first)

    below = client.get(first.get_absolute_url()).context
    above = client.get(second.get_absolute_url()).context

    assert below["remixes"] == [second]
    assert [(one.role, one.picture) for one in above["made_from"]] == [("remix", first)]


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "private"},
        {"visibility": "unlisted"},
        {"is_hidden": True},
        {"deleted_at": "2026-01-02T00:00Z"},
    ],
)
def test_what_a_reader_may_not_see_is_neither_shown_nor_named(client, fields):
    first = published()
    hidden = derived(first, **fields)
    shown = derived(hidden)

    below = client.get(first.get_absolute_url())
    above = client.get(shown.get_absolute_url())

    assert below.context["remixes"] == []
    assert [one.picture for one in above.context["made_from"]] == [None]
    assert str(hidden.pk) not in above.content.decode()


def test_owners_see_what_they_made_in_private(client, owner):
    first = published()
    mine = derived(first, owner=owner, visibility="private")
    client.force_login(owner)

    assert client.get(first.get_absolute_url()).context["remixes"] == [mine]


def test_a_picture_whose_source_was_removed_says_so(client):
    first = published()
    second = derived(first)
    Picture.objects.filter(pk=first.pk).delete()

    page = client.get(second.get_absolute_url())

    assert "not public, or gone" in page.content.decode()


def test_many_remixes_are_paged_at_a_constant_cost(client, django_assert_max_num_queries):
    first = published()
    made = {derived(first).pk for _ in range(35)}

    with django_assert_max_num_queries(30):
        assert client.get(first.get_absolute_url()).context["more_remixes"]
    with django_assert_max_num_queries(10):
        page = client.get(f"/pictures/{first.pk}/remixes/").context["page"]
    rest = client.get(f"/pictures/{first.pk}/remixes/", {"cursor": page.cursor, "part": 1}).context["page"]

    assert {one.pk for one in [*page.pictures, *rest.pictures]} == made
    assert len(page.pictures) == 30


def test_a_remix_starts_with_the_recipe_and_remembers_the_picture(client, owner):
    first = published(owner=UserFactory())
    client.force_login(owner)

    form = client.get("/generate/", {"from": first.pk}).context["form"]

    assert form["remix_of"].value() == str(first.pk)


def test_owners_do_not_see_what_the_output_check_has_blocked(client, owner):
    first = published()
    blocked = derived(first, owner=owner, visibility="private", is_blocked=True)
    shown = derived(blocked, owner=owner)
    client.force_login(owner)

    assert client.get(first.get_absolute_url()).context["remixes"] == []
    assert [one.picture for one in client.get(shown.get_absolute_url()).context["made_from"]] == [None]
    assert str(blocked.pk) not in client.get(f"/api/pictures/{first.pk}/remixes/").content.decode()
