"""Search over models: the same hits in Chinese and English on every database.

With transactions of their own, because FULLTEXT finds what is committed, and the index is written after the commit.
"""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F

from models_hub import search
from models_hub.models import FileHash, ModelCard, ModelFile, Tag
from models_hub.search import finding
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def found(text):
    return set(search.narrow(ModelCard.objects.published(), text).values_list("slug", flat=True))


def ranked(text):
    keys = search.ranked(ModelCard.objects.published(), text)
    slugs = dict(ModelCard.objects.values_list("pk", "slug"))
    return [slugs[key] for key in keys]


@pytest.fixture
def shelf():
    ink = ModelCardFactory(slug="ink", name="Ink Wash", name_zh="水墨山水", owner=UserFactory(username="张大千"))
    version = ModelVersionFactory(card=ink, name="v2.1", trigger_words=["sumi-e"])
    ModelFile.objects.create(version=version, name="inkWash_v21.safetensors", size=1, sha256="ab" * 32)
    ModelCardFactory(slug="city", name="Cyberpunk City", name_zh="赛博朋克城市")
    ModelCardFactory(slug="cat", name="Pixel cats", likes=5)
    return version


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("ink", {"ink"}),
        ("INK wash", {"ink"}),
        ("水墨", {"ink"}),
        ("墨山", {"ink"}),
        ("山", {"ink"}),
        ("赛博朋克 城市", {"city"}),
        ("city 城市", {"city"}),
        ("城山", set()),
        ("cyber", {"city"}),
        ("cyber ink", set()),
        ("inkwash_v21", {"ink"}),
        ("inkWash_v21.safetensors", {"ink"}),
        ("sumi-e", {"ink"}),
        ("张大千", {"ink"}),
        ("v2.1", {"ink"}),
        ("checkpoint -ink", {"city", "cat"}),
        ("", {"ink", "city", "cat"}),
        ("***", set()),
    ],
)
def test_models_are_found_by_words_in_both_languages(shelf, text, slugs):
    assert found(text) == slugs


@pytest.mark.parametrize("text", ["cyberpnuk", "cyberpank city", "ink wahs", "pixle cats", "pixxel"])
def test_a_slip_of_the_finger_is_forgiven_in_names(shelf, text):
    assert len(found(text)) == 1


def test_what_nothing_looks_like_is_not_found(shelf):
    assert found("zzzzqqqq") == set()
    assert found("cats dogs") == set()


def test_a_tag_is_found_in_both_languages_and_no_longer_when_it_goes(shelf):
    tag = Tag.objects.create(key="watercolour", name="Watercolour", name_zh="水彩")
    shelf.card.tags.add(tag)
    assert found("watercolour") == found("水彩") == {"ink"}

    tag.name = "Aquarelle"
    tag.save()
    assert found("aquarelle") == {"ink"}

    shelf.card.tags.clear()
    assert found("水彩") == set()


def test_changes_are_found_at_once_and_only_once_they_are_sure(shelf):
    shelf.card.name = "Brush"
    shelf.card.save()
    assert (found("brush"), found("wash")) == ({"ink"}, set())

    with transaction.atomic():
        ModelCardFactory(slug="never", name="Phantom")
        transaction.set_rollback(True)
    ModelCardFactory(slug="ever", name="Evermore")
    assert (found("phantom"), found("evermore")) == (set(), {"ever"})


def test_a_renamed_owner_and_a_deleted_file_change_what_is_found(shelf):
    shelf.card.owner.username = "renamed"
    shelf.card.owner.save()
    shelf.files.all().delete()

    assert (found("renamed"), found("张大千"), found("inkWash_v21")) == ({"ink"}, set(), set())


def test_the_best_come_first():
    for slug, name, likes in [("a", "The ink lover", 50), ("b", "Ink", 1), ("c", "Inkwell", 9), ("d", "Night ink", 80)]:
        ModelCardFactory(slug=slug, name=name, likes=likes)
    tagged = ModelCardFactory(slug="e", name="Other", likes=999)
    tagged.tags.add(Tag.objects.create(key="ink", name="ink"))

    assert ranked("ink") == ["b", "c", "d", "a", "e"]


@pytest.mark.parametrize("few", [1000, 1])
def test_common_and_rare_words_find_the_same(shelf, monkeypatch, few):
    monkeypatch.setattr(finding, "FEW", few)

    assert found("checkpoint") == {"ink", "city", "cat"}
    assert ranked("c") == ["city", "cat", "ink"]


def test_a_model_is_found_by_any_hash_of_its_files(shelf):
    file = shelf.files.get()
    for kind, value in [("AutoV3", "1" * 12), ("BLAKE3", "2" * 64), ("CRC32", "deadbee5")]:
        FileHash.objects.create(file=file, kind=kind, value=value)

    for text in ("ab" * 32, "AB" * 32, "ab" * 5, "1" * 12, "2" * 64, " DEADBEE5 ", shelf.sha256):
        assert found(text) == {"ink"}, text
    assert found("ab" * 6) == set()


def test_reindex_repairs_what_was_changed_behind_the_sites_back(shelf, capsys):
    ModelCard.objects.filter(slug="cat").update(name="Quokka")
    assert found("quokka") == set()

    call_command("reindex")

    assert found("quokka") == {"cat"}
    assert "3 models" in capsys.readouterr().out


@pytest.fixture
def many():
    """Forty models that have the word, every third at a level that guests do not see."""
    cards = [ModelCardFactory(slug=f"m{number}", name=f"Ink {number}", likes=number) for number in range(40)]
    ModelCard.objects.filter(pk__in=[card.pk for card in cards[::3]]).update(content_level=1)
    return cards


def test_a_word_that_many_have_is_met_in_the_list_without_the_index(many, monkeypatch):
    monkeypatch.setattr(finding, "STEPS", (10, 10))
    monkeypatch.setattr(type(finding.TABLE), "find", lambda *_args, **_rest: pytest.fail("looked up in the index"))

    first = search.Search("ink").first(ModelCard.objects.order_by("-likes"), 8)

    assert {card.pk for card in many[-8:]} <= set(first) <= {card.pk for card in many[-10:]}


@pytest.mark.parametrize("steps", [(500,), (10, 10), (1,)])
def test_however_it_is_found_nothing_above_the_level_is(many, monkeypatch, steps):
    monkeypatch.setattr(finding, "STEPS", steps)
    seen = ModelCard.objects.filter(content_level=0)

    keys = search.ranked(seen, "ink")
    assert set(ModelCard.objects.filter(pk__in=keys).values_list("content_level", flat=True)) == {0}
    assert len(keys) == seen.count() == 26


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads SQLite's plan")
@pytest.mark.parametrize("order", ["-likes", "-downloads", "-uses", "-last_version_at", "name"])
def test_lists_are_read_in_the_order_of_an_index_not_sorted(order):
    key = "-pk" if order.startswith("-") else "pk"

    plan = shelf_of_level().order_by(order, key).values_list("pk")[:500].explain()

    assert "hub_" in plan
    assert "TEMP B-TREE" not in plan


def shelf_of_level():
    return ModelCard.objects.published().alias(level_seen=F("content_level") + 0).filter(level_seen__lte=0)
