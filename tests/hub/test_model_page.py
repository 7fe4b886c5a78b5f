"""A model's page: who sees what of it, and what it says."""

import pytest

from models_hub import markdown
from models_hub.models import FileHash, Finding, ModelFile, ModelSample, Tag
from tests.factories import ModelVersionFactory, PictureFactory, RecipeFactory
from tests.hub.conftest import sign_in


def page(client, query=""):
    return client.get(f"/models/starter/{query}").content.decode()


def test_it_shows_facts_hashes_permissions_and_trigger_words(client, version):
    facts = {"rank": 16, "facts": {"base_model": "sd_xl_base", "pictures": 1200}}
    file = ModelFile.objects.create(
        version=version, name="ink.safetensors", size=10, sha256="ab" * 32, precision="fp16", facts=facts
    )
    FileHash.objects.create(file=file, kind="CRC32", value="0badcafe")
    Finding.objects.create(file=file, severity="info", code="v_prediction")
    version.trigger_words = ["sumi-e", "ink"]
    version.save()
    version.card.tags.add(Tag.objects.create(key="ink", name="Ink painting"))

    shown = page(client)

    for expected in ("abababab", "0badcafe", "fp16", "sd_xl_base", "1,200", "Ink painting", "predicts velocity"):
        assert expected in shown
    assert 'data-text="sumi-e, ink"' in shown
    assert "Pictures may be sold" in shown
    assert f"/models/starter/files/{file.pk}/ink.safetensors" in shown


@pytest.mark.parametrize(
    ("status", "reason", "owner_reads"),
    [
        ("withdrawn", "Asked by the artist", "Asked by the artist"),
        ("inspecting", "", "Under inspection"),
        ("waiting", "", "Waiting for a moderator"),
        ("rejected", "Not yours to share", "Not yours to share"),
        ("draft", "", "Not published"),
    ],
)
def test_what_is_not_published_is_its_owners_with_a_word_why(client, people, version, status, reason, owner_reads):
    other = ModelVersionFactory(card=version.card, name="two", status=status, reason=reason)

    assert client.get(f"/models/starter/?version={other.pk}").context["version"] == version
    sign_in(client, people["owner"])
    assert owner_reads in page(client, f"?version={other.pk}")
    assert "Generate with this" not in page(client, f"?version={other.pk}")


def test_a_withdrawn_model_tells_its_owner_why_and_nobody_else(client, people, version):
    version.card.status, version.card.withdrawn_reason = "withdrawn", "Asked by the artist"
    version.card.save()

    assert client.get("/models/starter/").status_code == 404
    assert "Asked by the artist" in page(sign_in(client, people["owner"]))


@pytest.mark.parametrize(
    ("kind", "family", "said"),
    [
        ("checkpoint", "flux", "are not drawn with here yet"),
        ("upscaler", "unknown", "Enlarging uses the networks that come with the site"),
        ("checkpoint", "starter", ""),
        ("lora", "starter", ""),
    ],
)
def test_the_way_to_the_generator_or_why_there_is_none(client, version, kind, family, said):
    version.card.kind, version.card.family = kind, family
    version.card.save()

    name = {"checkpoint": "model", "lora": "lora"}.get(kind)
    assert (f"/generate/?{name}=starter" in page(client)) is not bool(said)
    assert said in page(client)


def test_what_inspection_found_in_the_file_is_the_reason(client, version):
    file = ModelFile.objects.create(version=version, name="a", size=1, sha256="0" * 64)
    Finding.objects.create(file=file, severity="info", code="cannot_run", params={"why": "unet_only"})

    assert "it holds a UNet alone" in page(client)


def test_a_model_above_the_readers_level_is_behind_a_gate(client, people, version):
    version.card.content_level = 2
    version.card.save()

    gate = client.get("/models/starter/")
    assert (gate.status_code, "marked “Explicit”" in gate.content.decode()) == (403, True)
    assert sign_in(client, people["other"]).get("/models/starter/").status_code == 403
    assert sign_in(client, people["owner"]).get("/models/starter/").status_code == 200


def test_pictures_made_with_the_version_are_shown_also_of_a_lora(client, version):
    lora = ModelVersionFactory(card__kind="lora", card__slug="line", sha256="cd" * 32)
    made = PictureFactory(visibility="public", published_at="2026-01-01T00:00:00Z")
    RecipeFactory(
        picture=made,
        version=version,
        model_sha256=version.sha256,
        loras=[{"sha256": "cd" * 32, "version_id": lora.pk, "name": "line"}],
    )

    for slug in ("line", "starter"):
        assert f'id="tile-{made.pk}"' in client.get(f"/models/{slug}/").content.decode()
    made.visibility = "private"
    made.save()
    assert f'id="tile-{made.pk}"' not in page(client)


def test_a_samples_recipe_leads_to_the_generator(client, version):
    ModelSample.objects.create(version=version, image="a.png", width=8, height=8, prompt="a red fox", seed=7)

    assert "model=starter&amp;prompt=a%20red%20fox&amp;seed=7" in page(client)


def test_models_that_a_samples_notes_name_by_hash_are_linked_when_here(client, version):
    lora = ModelVersionFactory(card__kind="lora", card__slug="line", card__name="Line art")
    ModelFile.objects.create(version=lora, name="line", size=1, sha256="cd" * 32)
    facts = {"model_hash": "0" * 10, "loras": [{"name": "line", "sha256": "CD" * 5}]}
    ModelSample.objects.create(version=version, image="a.png", width=8, height=8, prompt="x", seed=1, facts=facts)

    assert 'href="/models/line/">Line art</a>' in page(client).partition("Related models")[0]
    lora.card.content_level = 2
    lora.card.save()
    assert "/models/line/" not in page(client)


def test_the_page_costs_the_same_however_much_there_is(client, version, django_assert_max_num_queries):
    for number in range(6):
        other = ModelVersionFactory(card=version.card, name=str(number))
        ModelSample.objects.create(version=other, image="a.png", width=8, height=8, prompt="x", seed=1)
        ModelFile.objects.create(version=other, name=f"{number}", size=1, sha256="0" * 64)
    page(client)
    with django_assert_max_num_queries(28):
        page(client)


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("# Big\n\n**bold** [a](https://x.org)", "<h3>Big</h3>", "<h1>"),
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script"),
        ("[a](javascript:alert(1))", "javascript", "href"),
        ("![x](https://spy.org/a.png)", "", "<img"),
        ("a\nb", "<br>", "<div"),
        ("|a|b|\n|-|-|\n|1|2|", "<td>1</td>", "style"),
    ],
)
def test_markdown_can_do_no_harm(text, kept, gone):
    assert kept in markdown.html(text)
    assert gone not in markdown.html(text)


def test_a_teaser_is_plain_words():
    text = "# Big\n\nA **thin** line & <b>more</b>.\n\n- [apples](https://x.org)\n- owls"

    assert markdown.plain(text) == "Big A thin line & <b>more</b>. apples owls"


def test_the_link_to_copy_is_the_whole_address(client, version):
    page = client.get(version.card.get_absolute_url()).content.decode()

    assert f"http://testserver{version.card.get_absolute_url()}" in page


@pytest.mark.parametrize(
    "text", ["|a" * 3000 + "\n" + "|-" * 3000 + "\n|x" * 2000, "[a]: /" + "b" * 9000 + "\n\n" + "[a] " * 2000]
)
def test_markdown_stays_small(text):
    assert len(markdown.html(text)) < 250_000
