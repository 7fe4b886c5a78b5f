"""X/Y grids, reruns and lineage by the API."""

import pytest

from gallery.models import Derivation
from generation.models import Job, JobGroup
from models_hub.models import ModelCard
from tests.api.conftest import assert_refused, client_of
from tests.factories import ModelCardFactory, ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory
from tests.generation.drawn import with_file

pytestmark = pytest.mark.django_db
ASKED = {"prompt": "a red apple", "x": {"name": "steps", "values": "2, 4"}}


def test_a_grid_is_asked_for_read_and_cancelled(client, version):
    answer = client.post("/api/grids/", ASKED | {"y": {"name": "prompt", "values": "red, green"}})

    address = f"/api/grids/{answer.json()['grid']}/"
    assert answer.status_code == 201
    assert answer.json()["total"] == 4
    assert client.get(address).json()["x"]["labels"] == ["2", "4"]
    assert client.post(f"{address}cancel/").json()["is_over"]
    assert client.get(f"{address}sheet/")["Content-Type"] == "image/png"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"x": None}, "x"),
        ({"x": {"name": "magic", "values": "1"}}, "x.name"),
        ({"x": {"name": "steps", "values": "many"}}, "x_values"),
        ({"x": {"name": "steps", "values": "1000"}}, "x_values"),
        ({"prompt": ""}, "prompt"),
        ({"model": "nowhere"}, "model"),
    ],
)
def test_a_bad_grid_names_its_field(client, version, change, field):
    assert_refused(client.post("/api/grids/", ASKED | change), 400, field=field)
    assert not JobGroup.objects.exists()


def test_the_same_key_replays_the_grid(client, version):
    headers = {"Idempotency-Key": "k"}
    first = client.post("/api/grids/", ASKED, headers=headers)
    again = client.post("/api/grids/", ASKED, headers=headers)

    assert (first.status_code, again.status_code) == (201, 200)
    assert Job.objects.count() == 2
    assert_refused(client.post("/api/grids/", ASKED | {"prompt": "x"}, headers=headers), 422, "idempotency_conflict")


def test_a_grid_is_its_owners_alone(client, guest, version):
    address = f"/api/grids/{client.post('/api/grids/', ASKED).json()['grid']}/"

    for person in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        other = client_of(person)
        assert_refused(other.get(address), 404)
        assert_refused(other.post(f"{address}cancel/"), 404)
        assert_refused(other.get(f"{address}sheet/"), 404)
        assert other.get("/api/grids/").json()["results"] == []
    assert_refused(guest.get(address), 401)
    assert client.get("/api/grids/").json()["results"][0]["total"] == 2


def test_misfits_are_told_by_field(client, version):
    lora = ModelVersionFactory(card=ModelCardFactory(kind=ModelCard.Kind.LORA, family="sdxl", name="Ink"))

    answer = client.post("/api/jobs/", {"prompt": "a", "loras": [{"model": lora.card.slug}]})

    assert "Ink" in assert_refused(answer, 400, "incompatible", "resources")["message"]


@pytest.fixture
def picture(version, settings, tmp_path):
    settings.MODELS_DIR = tmp_path
    version.full_path.mkdir()
    shown = with_file(PictureFactory(visibility="public", published_at="2026-01-01T00:00Z"))
    return RecipeFactory(picture=shown, version=version, model_sha256=version.sha256).picture


@pytest.mark.parametrize(("deed", "count"), [("rerun", 1), ("variations", 4)])
def test_a_picture_is_made_again_once_for_a_key(client, guest, picture, deed, count):
    address, headers = f"/api/pictures/{picture.pk}/{deed}/", {"Idempotency-Key": "k"}

    answers = [client.post(address, headers=headers).status_code for _ in range(2)]

    assert answers == [201, 200]
    assert Job.objects.get().count == count
    assert_refused(guest.post(address), 401)


def test_what_would_differ_can_be_asked_first(client, picture):
    picture.recipe.facts = {"versions": {"django": "1.0"}}
    picture.recipe.save()

    plan = client.get(f"/api/pictures/{picture.pk}/rerun/").json()

    assert any("django 1.0" in sentence for sentence in plan["differences"])
    assert plan["obstacles"] == []


def test_lineage_is_told_both_ways_at_a_constant_cost(guest, picture, django_assert_max_num_queries):
    for _ in range(9):
        made = RecipeFactory(picture__visibility="public", picture__published_at="2026-01-01T00:00Z").picture
        Derivation.objects.create(picture=made, source=picture, role="remix")

    with django_assert_max_num_queries(5):
        assert len(guest.get(f"/api/pictures/{picture.pk}/remixes/").json()["results"]) == 9
    (origin,) = guest.get(f"/api/pictures/{made.pk}/origins/").json()
    assert (origin["role"], origin["picture"]["id"]) == ("remix", str(picture.pk))


def test_a_waiting_job_is_held_released_and_moved(client, version):
    first, second = (client.post("/api/jobs/", {"prompt": "a"}).json()["job"] for _ in range(2))

    assert client.post(f"/api/jobs/{first}/hold/").json()["held"]
    assert_refused(client.post(f"/api/jobs/{first}/hold/"), 409)
    assert not client.post(f"/api/jobs/{first}/release/").json()["held"]
    assert client.post(f"/api/jobs/{second}/move/", {"before": first}).status_code == 200
    assert_refused(client_of(UserFactory()).post(f"/api/jobs/{second}/move/", {"before": None}), 404)
    assert {rule["rule"] for rule in client.get("/api/quota/").json()} >= {"active", "bulk"}
