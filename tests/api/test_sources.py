"""Pictures to start from, by the API."""

import io

import pytest

from generation.models import Job, Source
from tests.api.conftest import assert_refused, client_of
from tests.factories import JobFactory, PictureFactory, UserFactory
from tests.generation.drawn import png, source_of, with_file

pytestmark = pytest.mark.django_db


def upload(client, **asked):
    file = io.BytesIO(png())
    file.name = "a.png"
    return client.post("/api/sources/", {"file": file, **asked}, format="multipart")


def test_an_upload_becomes_a_source_that_a_job_can_name(client, user, version):
    source = upload(client).json()

    answer = client.post("/api/jobs/", {"prompt": "a red apple", "source": source["id"], "strength": 0.4})

    assert answer.status_code == 201
    assert answer.json()["request"]["source"] == source["id"]
    assert (Job.objects.get().kind, Job.objects.get().strength) == ("img2img", 0.4)


def test_a_picture_of_the_site_is_taken_by_its_id(client):
    picture = with_file(PictureFactory(visibility="public"))

    assert client.post("/api/sources/", {"picture": str(picture.pk)}).json()["picture"] == str(picture.pk)
    private = with_file(PictureFactory())
    assert_refused(client.post("/api/sources/", {"picture": str(private.pk)}), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "file"), ({"picture": "x"}, "picture"), ({"role": "x"}, "role"), ({"file": "text"}, "file")],
)
def test_a_bad_request_names_its_field(client, body, field):
    assert_refused(client.post("/api/sources/", body), 400, field=field)


def test_what_is_no_picture_is_refused(client):
    file = io.BytesIO(b"MZ nothing")
    file.name = "a.png"

    assert_refused(client.post("/api/sources/", {"file": file}, format="multipart"), 400, "bad_picture", "file")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_guest_has_no_sources(guest, method):
    assert_refused(getattr(guest, method)("/api/sources/"), 401)


def test_others_and_staff_do_not_see_a_source(user):
    source = source_of(user)
    for person in (UserFactory(), UserFactory(is_staff=True, is_superuser=True)):
        client = client_of(person)
        for address in (f"/api/sources/{source.pk}/", f"/api/sources/{source.pk}/file/"):
            assert_refused(client.get(address), 404)
        assert_refused(client.delete(f"/api/sources/{source.pk}/"), 404)
        assert client.get("/api/sources/").json()["results"] == []


def test_its_owner_reads_and_removes_a_source(client, user):
    source = source_of(user)

    file = client.get(f"/api/sources/{source.pk}/file/")
    assert b"".join(file.streaming_content).startswith(b"\x89PNG")
    assert client.delete(f"/api/sources/{source.pk}/").status_code == 204
    assert not Source.objects.exists()


def test_a_source_in_use_stays(client, user):
    source = source_of(user)
    JobFactory(owner=user, source=source)

    assert_refused(client.delete(f"/api/sources/{source.pk}/"), 409, "in_use")


def test_a_longer_list_costs_no_more_queries(client, user, django_assert_max_num_queries):
    for shade in range(12):
        source_of(user, colour=(shade, 0, 0))

    with django_assert_max_num_queries(4):
        assert len(client.get("/api/sources/").json()["results"]) == 12
    assert client.get("/api/sources/?page_size=5").json()["next"]


def test_a_foreign_source_cannot_be_named(client, version):
    source = source_of(UserFactory())

    answer = client.post("/api/jobs/", {"prompt": "a", "source": str(source.pk)})

    assert_refused(answer, 400, "gone", "source")
