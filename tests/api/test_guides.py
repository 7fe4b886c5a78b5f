"""Parts of sources, guides and estimates, by the API."""

import pytest

from generation.models import Job
from generation.rendering import guides as drawing
from tests.api.conftest import assert_refused
from tests.factories import UserFactory
from tests.generation.drawn import source_of

pytestmark = pytest.mark.django_db
PART = {"left": 0, "top": 0, "width": 20, "height": 30}


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def test_a_part_becomes_a_source(client, user):
    answer = client.post(f"/api/sources/{source_of(user).pk}/crop/", PART)

    assert answer.status_code == 201
    assert (answer.json()["width"], answer.json()["height"]) == (20, 30)


@pytest.mark.parametrize(
    ("wrong", "field"), [({"left": -1}, "left"), ({"width": "x"}, "width"), ({"left": 60}, "left")]
)
def test_a_bad_part_names_its_field(client, user, wrong, field):
    assert_refused(client.post(f"/api/sources/{source_of(user).pk}/crop/", PART | wrong), 400, field=field)


def test_a_guide_is_drawn_on_request(client, user):
    source = source_of(user)
    address = f"/api/sources/{source.pk}/guide/edges/"

    assert client.post(address).status_code == 202
    assert client.get(address).json()["state"] == "drawing"
    drawing.draw(str(source.pk), "edges")

    told = client.get(address)
    assert (told.status_code, told.json()["state"]) == (200, "done")
    assert client.get(told.json()["url"]).headers["Content-Type"] == "image/webp"


@pytest.mark.parametrize("path", ["crop/", "guide/edges/"])
def test_others_sources_are_not_there(client, path):
    assert_refused(client.post(f"/api/sources/{source_of(UserFactory()).pk}/{path}", PART), 404)


def test_guests_are_asked_for_a_token(guest, user):
    assert_refused(guest.post(f"/api/sources/{source_of(user).pk}/guide/edges/"), 401)
    assert_refused(guest.post("/api/jobs/estimate/", {"prompt": "a"}), 401)


def test_an_unknown_preprocessor_is_refused(client, user):
    assert_refused(client.get(f"/api/sources/{source_of(user).pk}/guide/depth/"), 400, field="preprocessor")


def test_a_request_is_foretold_and_not_queued(client, version):
    answer = client.post("/api/jobs/estimate/", {"prompt": "a red apple", "count": 4})

    assert answer.status_code == 200
    assert set(answer.json()) == {"wait", "seconds", "reason"}
    assert not Job.objects.exists()


def test_a_request_that_would_be_refused_is_refused(client, version):
    assert_refused(client.post("/api/jobs/estimate/", {"prompt": "a", "kind": "img2img"}), 400, field="source")
