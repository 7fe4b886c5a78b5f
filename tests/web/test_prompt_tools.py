"""Presets, prompt history, completion and the counter as pages and JSON; who may do what."""

import pytest
from django.urls import reverse

from generation.asking import presets
from generation.models import Preset, SavedPrompt, StyleTemplate
from generation.prompting import history
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def preset(owner, version):
    return presets.save(owner=owner, name="Mine", values={"prompt": ["a cat"], "model": ["starter"], "steps": ["9"]})


def get_json(client, name, **query):
    return client.get(reverse(f"generation:{name}"), query).json()


def inserts(client, typed, **query):
    return [one["insert"] for one in get_json(client, "complete", q=typed, **query)["results"]]


def test_a_guest_is_offered_the_sites_words_but_nobodys_prompts(client, owner):
    history.record(owner=owner, text="sunflower of my own")

    found = inserts(client, "sunf")

    assert "sunflower" in found
    assert "sunflower of my own" not in found


def test_own_prompts_come_first_and_starred_ones_before_them(client, owner):
    history.star(history.record(owner=owner, text="a sunny day"), True)
    history.record(owner=owner, text="sunset over a lake")
    client.force_login(owner)

    found = get_json(client, "complete", q="sun")["results"]

    assert [one["kind"] for one in found[:2]] == ["favourite", "prompt"]
    assert len(found) <= 10


@pytest.mark.parametrize(
    ("typed", "insert", "length"),
    [("一只红色的太", "太阳", 1), ("ty", "太阳", 2), ("__ani", "__animal__", 5), ("a red app", "red apple", 7)],
)
def test_words_lists_and_initials_are_completed(client, typed, insert, length):
    found = get_json(client, "complete", q=typed)["results"]

    assert (insert, length) in [(one["insert"], one["length"]) for one in found]


def test_trigger_words_of_chosen_models_and_lora_tags_are_offered(client):
    ModelVersionFactory(card__slug="ink", card__kind="lora", trigger_words=["inkwash dream"])

    assert inserts(client, "inkw", model="ink") == ["inkwash dream"]
    assert inserts(client, "inkw") == []
    assert inserts(client, "<lora:in") == ["<lora:ink:1>"]


@pytest.mark.parametrize("typed", ["", " ", "a", "\x00", "%", "<", "_", "__", "\\", "x" * 5000, "猫" * 500, "(" * 300])
def test_anything_may_be_typed(client, typed):
    assert client.get(reverse("generation:complete"), {"q": typed}).status_code == 200


def test_completion_costs_the_same_however_much_there_is(client, owner, django_assert_max_num_queries):
    for number in range(30):
        history.record(owner=owner, text=f"a red thing {number}")
        ModelVersionFactory(card__slug=f"lora-{number}", card__kind="lora", trigger_words=["red word"])
    client.force_login(owner)

    with django_assert_max_num_queries(7):
        found = inserts(client, "red", model=[f"lora-{number}" for number in range(30)])

    assert len(found) == 10


def test_asking_too_often_is_refused(client, monkeypatch):
    monkeypatch.setattr("generation.views.prompt.LOOKS", {"most": 2, "seconds": 3600})

    statuses = [client.get(reverse("generation:complete"), {"q": "red"}).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def tokens(client, **form):
    return client.post(reverse("generation:tokens"), form).json()


def test_the_counter_says_what_the_starter_does_not_read(client, starter_version):
    said = tokens(client, prompt="a red apple, " * 12, model=starter_version.card.slug)

    assert said["prompt"]["room"] == 22
    assert said["prompt"]["tokens"] > 22
    assert "apple" in said["prompt"]["note"]


def test_the_counter_says_in_how_many_passages_a_prompt_is_read(client):
    ModelVersionFactory(card__family="sd1", card__slug="sd")

    said = tokens(client, prompt="a cat BREAK a dog", model="sd")["prompt"]

    assert (said["tokens"], said["room"], said["passages"], said["label"]) == (4, 75, 2, "4 / 150")


def test_what_is_sent_is_shown(client):
    ModelVersionFactory(card__family="sd1", card__slug="sd")

    assert tokens(client, prompt="红色的猫", model="sd")["sent"] == "red cat"
    assert tokens(client, prompt="a cat", model="sd", styles="photo")["sent"].startswith("photo of a cat")
    assert "nothing" in tokens(client, prompt="__nothing__", model="sd")["problem"]
    assert tokens(client, prompt="a cat", seed="zzz")["sent"] == ""


@pytest.fixture
def starter_version():
    from models_hub.services import STARTERS

    return ModelVersionFactory(path=str(STARTERS / "starter-3d"), card__slug="starter-3d")


PAGES = ["presets", "prompts"]


@pytest.mark.parametrize("name", PAGES)
def test_a_guest_is_asked_to_sign_in(client, name):
    response = client.get(reverse(f"generation:{name}"))

    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("deed", ["rename", "move", "share", "unshare", "delete"])
def test_nobody_changes_anothers_preset(client, people, preset, deed):
    for who in ("guest", "other", "moderator"):
        client.logout()
        if people[who]:
            client.force_login(people[who])
        response = client.post(reverse("generation:preset-change", args=[preset.pk]), {"deed": deed, "name": "x"})
        assert response.status_code == (302 if who == "guest" else 404)

    preset.refresh_from_db()
    assert (preset.name, preset.share_token) == ("Mine", None)


@pytest.mark.parametrize("name", ["prompt-star", "prompt-forget"])
def test_nobody_touches_anothers_prompts(client, people, name):
    row = history.record(owner=people["owner"], text="mine")
    client.force_login(people["other"])

    assert client.post(reverse(f"generation:{name}", args=[row.pk])).status_code == 404
    assert client.post(reverse(f"generation:{name}", args=[10**30])).status_code == 404
    assert not SavedPrompt.objects.get().is_favourite


def test_the_form_is_saved_under_a_name_and_loaded_again(client, owner, version):
    client.force_login(owner)
    form = {
        "name": "Evening",
        "prompt": "a cat",
        "steps": "7",
        "styles": ["photo", "anime"],
        "csrfmiddlewaretoken": "x",
    }

    client.post(reverse("generation:presets"), form, headers=HTMX)

    preset = Preset.objects.get()
    assert preset.values == {"prompt": ["a cat"], "steps": ["7"], "styles": ["photo", "anime"]}
    page = client.get(reverse("generation:generate"), {"preset": preset.pk})
    assert page.context["form"]["prompt"].value() == "a cat"
    assert str(page.context["form"]["steps"].value()) == "7"
    assert page.context["form"]["styles"].value() == ["photo", "anime"]
    assert b"Evening" in page.content


@pytest.mark.parametrize(("name", "said"), [("", "Name"), ("x" * 61, "60"), ("Mine", "already")])
def test_a_name_that_cannot_be_is_refused_in_words(client, owner, preset, name, said):
    client.force_login(owner)

    response = client.post(reverse("generation:presets"), {"name": name, "prompt": "a"}, headers=HTMX)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert Preset.objects.count() == 1


def test_there_are_at_most_fifty(client, owner, monkeypatch):
    monkeypatch.setattr(presets, "MOST", 1)
    presets.save(owner=owner, name="One", values={})
    client.force_login(owner)

    response = client.post(reverse("generation:presets"), {"name": "Two"}, headers=HTMX)

    assert "Delete one first" in response.content.decode()


def test_overwriting_keeps_name_and_link(client, owner, preset):
    token = presets.share(preset).share_token
    client.force_login(owner)

    client.post(
        reverse("generation:preset-overwrite", args=[preset.pk]), {"prompt": "a dog", "name": "no"}, headers=HTMX
    )

    preset.refresh_from_db()
    assert (preset.values, preset.name, preset.share_token) == ({"prompt": ["a dog"]}, "Mine", token)


def test_presets_are_put_in_order(client, owner):
    rows = [presets.save(owner=owner, name=name, values={}) for name in "abc"]
    client.force_login(owner)

    client.post(reverse("generation:preset-change", args=[rows[2].pk]), {"deed": "move", "place": "0"})

    assert [row.name for row in owner.presets.all()] == ["c", "a", "b"]


def test_a_shared_preset_is_seen_by_everybody_until_it_is_not_shared_any_more(client, preset, owner):
    url = reverse("generation:preset-shared", args=[presets.share(preset).share_token])

    page = client.get(url)
    assert b"a cat" in page.content
    assert page["X-Robots-Tag"] == "noindex"
    token = preset.share_token
    assert client.get(reverse("generation:generate"), {"shared": token}).context["form"]["prompt"].value() == "a cat"

    presets.unshare(preset)
    assert client.get(url).status_code == 404
    assert client.get(reverse("generation:generate"), {"shared": token}).context["form"]["prompt"].value() is None


def test_with_its_owners_account_the_link_is_closed(client, preset, owner):
    url = reverse("generation:preset-shared", args=[presets.share(preset).share_token])
    owner.is_active = False
    owner.save()

    assert client.get(url).status_code == 404


def test_tokens_cannot_be_guessed_and_anothers_preset_is_not_loaded(client, people, preset):
    assert len(presets.share(preset).share_token) >= 24
    client.force_login(people["other"])

    for query in ({"preset": preset.pk}, {"preset": "9" * 40}, {"preset": "x"}, {"shared": "\x00"}):
        page = client.get(reverse("generation:generate"), query)
        assert page.status_code == 200
        assert page.context["form"]["prompt"].value() is None


def test_what_is_gone_is_told_in_words_and_left_out(client, owner, version):
    ModelVersionFactory(card=ModelCardFactory(slug="kept", kind="lora"))
    values = {"prompt": ["a cat"], "model": ["gone-model"], "lora": ["gone", "kept"], "lora_weight": ["0.5", "0.7"]}
    preset = presets.save(owner=owner, name="Old", values=values | {"styles": ["gone-style", "photo"]})
    client.force_login(owner)

    page = client.get(reverse("generation:generate"), {"preset": preset.pk})

    for slug in ("gone-model", "gone", "gone-style"):
        assert f"“{slug}”" in page.content.decode()
    assert page.context["form"]["styles"].value() == ["photo"]
    assert presets.form_of(preset)[0].getlist("lora_weight") == ["0.7"]


def test_a_hostile_form_is_kept_in_bounds(owner):
    from django.http import QueryDict

    form = QueryDict(mutable=True)
    for number in range(500):
        form.setlist(f"field{number}", ["x" * 9000] * 40)
    form["<script>"] = form["csrfmiddlewaretoken"] = form["source"] = "x"

    values = presets.values_of(form)

    assert len(values) == presets.MAX_FIELDS
    assert all(len(rows) == presets.MAX_ROWS and len(rows[0]) == presets.MAX_VALUE for rows in values.values())
    assert not {"<script>", "csrfmiddlewaretoken", "source"} & set(values)


def test_values_of_a_strange_shape_do_not_break_the_pages(client, owner, version):
    preset = presets.save(
        owner=owner, name="x", values={"prompt": "text", "steps": [None, 3], "styles": [], "model": 7}
    )
    url = reverse("generation:preset-shared", args=[presets.share(preset).share_token])
    client.force_login(owner)

    assert client.get(url).status_code == 200
    assert client.get(reverse("generation:generate"), {"preset": preset.pk}).status_code == 200
    assert client.get(reverse("generation:presets")).status_code == 200


def test_prompts_are_listed_starred_forgotten_and_cleared(client, owner):
    rows = [history.record(owner=owner, text=f"prompt {number}") for number in range(3)]
    client.force_login(owner)

    client.post(reverse("generation:prompt-star", args=[rows[0].pk]))
    assert b"prompt 0" in client.get(reverse("generation:prompts"), {"show": "favourites"}).content
    client.post(reverse("generation:prompt-forget", args=[rows[1].pk]))
    assert b"prompt 1" not in client.get(reverse("generation:prompts")).content
    client.post(reverse("generation:prompts-clear"))

    assert [row.text for row in history.of(owner)] == ["prompt 0"]


def test_the_list_of_prompts_is_paged_and_costs_the_same(client, owner, django_assert_max_num_queries, monkeypatch):
    monkeypatch.setattr("generation.views.prompt.PAGE", 4)
    for number in range(10):
        history.record(owner=owner, text=f"prompt {number}")
    client.force_login(owner)

    seen, cursor = [], ""
    with django_assert_max_num_queries(12):
        for _page in range(3):
            page = client.get(reverse("generation:prompts"), {"cursor": cursor, "part": 1})
            seen += [row.text for row in page.context["prompts"]]
            cursor = page.context["cursor"]

    assert seen == [f"prompt {number}" for number in range(9, -1, -1)]
    assert client.get(reverse("generation:prompts"), {"cursor": "rubbish"}).status_code == 200


def test_styles_are_chips_of_the_form_and_only_offered_ones(client, version):
    StyleTemplate.objects.filter(slug="anime").update(is_active=False)

    page = client.get(reverse("generation:generate")).content.decode()

    assert 'value="photo"' in page
    assert 'value="anime"' not in page


def test_prompts_of_many_are_not_mixed_up(client):
    first, second = UserFactory(), UserFactory()
    history.record(owner=first, text="same words")
    history.record(owner=second, text="same words")
    client.force_login(first)

    assert client.get(reverse("generation:prompts")).content.count(b'data-use-prompt="same words"') == 1
