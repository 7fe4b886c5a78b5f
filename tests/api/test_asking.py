"""Presets, used prompts, styles and completion for programs."""

import json

import pytest

from generation.asking import presets
from generation.models import Preset, StyleTemplate
from generation.prompting import history
from tests.api.conftest import assert_refused, client_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def save(client, **data):
    return client.post("/api/presets/", data)


def test_a_preset_is_kept_read_changed_shared_and_deleted(client):
    made = save(client, name="Mine", values={"prompt": "a cat", "steps": 9, "styles": ["photo", "anime"]}).json()
    url = f"/api/presets/{made['id']}/"

    assert made["values"] == {"prompt": ["a cat"], "steps": ["9"], "styles": ["photo", "anime"]}
    assert client.get("/api/presets/").json() == [made]
    changed = client.patch(url, {"name": "Yours", "values": {"prompt": "a dog"}, "shared": True}).json()
    assert (changed["name"], changed["values"], changed["shared"]) == ("Yours", {"prompt": ["a dog"]}, True)
    assert len(changed["share_token"]) >= 24
    assert client.patch(url, {"shared": False}).json()["share_token"] is None
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_presets_are_put_in_order(client, user):
    rows = [presets.save(owner=user, name=name, values={}) for name in "abc"]

    client.patch(f"/api/presets/{rows[2].pk}/", {"position": 0})

    assert [row["name"] for row in client.get("/api/presets/").json()] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "values": {}}, "name"),
        ({"name": ["x"], "values": {}}, "name"),
        ({"name": "x" * 61, "values": {}}, "name"),
        ({"name": "x"}, "values"),
        ({"name": "x", "values": "prompt"}, "values"),
    ],
)
def test_what_is_no_preset_is_refused_at_its_field(client, data, field):
    assert_refused(save(client, **data), 400, field=field)
    assert not Preset.objects.exists()


@pytest.mark.parametrize("position", [-1, "first", 10**30, None])
def test_a_place_that_is_none_is_refused(client, user, position):
    preset = presets.save(owner=user, name="a", values={})

    assert_refused(client.patch(f"/api/presets/{preset.pk}/", {"position": position}), 400, field="position")


def test_presets_and_prompts_of_others_are_not_found(client):
    other = UserFactory()
    preset, prompt = presets.save(owner=other, name="a", values={}), history.record(owner=other, text="a cat")

    for url in (f"/api/presets/{preset.pk}/", f"/api/prompts/{prompt.pk}/"):
        assert_refused(client.patch(url, {"name": "x", "is_favourite": True}), 404)
        assert_refused(client.delete(url), 404)
    assert client.get("/api/presets/").json() == []
    assert client.get("/api/prompts/").json()["results"] == []


@pytest.mark.parametrize("path", ["presets", "prompts"])
def test_a_guest_has_none(guest, path):
    assert_refused(guest.get(f"/api/{path}/"), 401)


def test_prompts_are_listed_in_pages_starred_and_cleared(client, user):
    rows = [history.record(owner=user, text=f"prompt {number}") for number in range(5)]

    first = client.get("/api/prompts/?page_size=3").json()
    second = client.get(first["next"]).json()
    assert [row["text"] for row in first["results"] + second["results"]] == [f"prompt {n}" for n in range(4, -1, -1)]
    assert client.patch(f"/api/prompts/{rows[0].pk}/", {"is_favourite": True}).json()["is_favourite"]
    assert [row["text"] for row in client.get("/api/prompts/?favourites=true").json()["results"]] == ["prompt 0"]
    assert [row["text"] for row in client.get("/api/prompts/?q=PROMPT 3").json()["results"]] == ["prompt 3"]
    assert client.delete(f"/api/prompts/{rows[1].pk}/").status_code == 204
    assert client.delete("/api/prompts/").status_code == 204
    assert [row.text for row in history.of(user)] == ["prompt 0"]


def test_styles_have_the_name_of_the_readers_language(guest):
    StyleTemplate.objects.filter(slug="anime").update(is_active=False)

    names = {row["slug"]: row["title"] for row in guest.get("/api/styles/", headers={"Accept-Language": "zh"}).json()}

    assert names["photo"] == "摄影"
    assert "anime" not in names


def test_completion_has_own_prompts_for_who_has_a_token(client, guest, user):
    history.record(owner=user, text="sunny cat")

    assert client.get("/api/complete/?q=sunny").json()[0]["insert"] == "sunny cat"
    assert "sunny cat" not in [one["insert"] for one in guest.get("/api/complete/?q=sunny").json()]
    assert guest.get("/api/complete/").json() == []


def test_the_document_describes_them(guest):
    paths = guest.get("/api/schema/").json()["paths"]

    assert {"/api/presets/", "/api/prompts/", "/api/styles/", "/api/complete/"} <= set(paths)


def test_everybody_has_presets_of_their_own(client):
    save(client, name="Mine", values={})

    assert save(client_of(UserFactory()), name="Mine", values={}).status_code == 201
    assert_refused(save(client, name="Mine", values={}), 400, code="taken", field="name")


@pytest.mark.parametrize("body", [None, [], [1], 1, "x", True])
def test_a_preset_is_an_object(client, user, body):
    preset = Preset.objects.create(owner=user, name="Mine", values={})

    for send, url in ((client.post, "/api/presets/"), (client.patch, f"/api/presets/{preset.pk}/")):
        assert_refused(send(url, json.dumps(body), content_type="application/json"), 400)


def test_halves_of_characters_are_left_out_of_a_preset(client):
    body = json.dumps({"name": "ink\ud800", "values": {"prompt": "a cat\udfff"}})

    answer = client.post("/api/presets/", body, content_type="application/json")

    assert (answer.status_code, answer.json()["name"]) == (201, "ink")
    assert answer.json()["values"] == {"prompt": ["a cat"]}
