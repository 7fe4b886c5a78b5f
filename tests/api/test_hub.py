"""Files, hashes and reviews of models for programs."""

import hashlib

import pytest

from accounts import sanctions
from models_hub.models import FileHash, ModelFile, Review
from tests.api.conftest import assert_refused, client_of
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db
CONTENT = b"weights" * 100
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def file(settings, tmp_path):
    settings.MODELS_DIR = tmp_path
    (tmp_path / "ink.safetensors").write_bytes(CONTENT)
    card = ModelCardFactory(slug="ink", owner=UserFactory())
    version = ModelVersionFactory(card=card, layout="single", path="ink.safetensors", sha256=SHA)
    file = ModelFile.objects.create(version=version, name="ink.safetensors", size=len(CONTENT), sha256=SHA)
    FileHash.objects.create(file=file, kind="CRC32", value="0badcafe")
    return file


def test_a_model_tells_its_files_hashes_and_where_to_get_them(guest, file):
    version = guest.get("/api/models/ink/").json()["versions"][0]
    told = version["files"][0]

    assert told["hashes"] == {"SHA256": SHA, "AutoV2": SHA[:10], "CRC32": "0badcafe"}
    assert b"".join(guest.get(told["download_url"]).streaming_content) == CONTENT
    part = guest.get(told["download_url"], headers={"Range": "bytes=0-6"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"weights")
    assert guest.get(version["archive_url"])["Content-Type"] == "application/zip"


def test_where_only_members_may_download_a_token_is_asked_for(client, guest, file):
    file.version.login_to_download = True
    file.version.save()
    address = f"/api/models/ink/files/{file.pk}/"

    assert_refused(guest.get(address), 401, code="members_only")
    assert client.get(address).status_code == 200


def test_a_model_is_found_by_hash_one_or_many_at_once(guest, file):
    for value in (SHA, SHA.upper(), SHA[:10], "0BADCAFE"):
        found = guest.get(f"/api/models/by-hash/{value}/").json()
        assert (found["model"]["slug"], found["version"]["id"]) == ("ink", file.version_id)
    assert_refused(guest.get(f"/api/models/by-hash/{'0' * 64}/"), 404)

    answer = guest.post("/api/models/by-hash/", {"hashes": ["0badcafe", "0" * 64, SHA, SHA]})
    assert [row["hash"] for row in answer.json()] == ["0badcafe", SHA]
    assert_refused(guest.post("/api/models/by-hash/", {"hashes": ["0"] * 101}), 400, field="hashes")
    assert_refused(guest.post("/api/models/by-hash/", {"hashes": []}), 400, field="hashes")


def test_a_hash_tells_nothing_of_models_one_may_not_see(guest, file):
    file.version.status = "draft"
    file.version.save()

    assert_refused(guest.get(f"/api/models/by-hash/{SHA}/"), 404)
    assert guest.post("/api/models/by-hash/", {"hashes": [SHA]}).json() == []


def test_a_hundred_hashes_cost_as_many_queries_as_one(guest, file, django_assert_max_num_queries):
    hashes = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(99)]
    with django_assert_max_num_queries(12):
        guest.post("/api/models/by-hash/", {"hashes": [SHA, *hashes]})


def test_one_review_for_each_user_and_version_that_can_be_changed_and_taken_back(client, guest, file):
    address = f"/api/models/ink/versions/{file.version_id}/reviews/"

    client.put(address, {"recommends": True, "text": "Fine ink"})
    assert client.put(address, {"recommends": False}).json()["edited_at"]
    assert [row["recommends"] for row in guest.get(address).json()["results"]] == [False]
    assert guest.get("/api/models/ink/").json()["reviews_count"] == 1

    assert client.delete(address).status_code == 204
    assert Review.objects.count() == guest.get("/api/models/ink/").json()["reviews_count"] == 0


def test_guests_owners_and_the_muted_write_no_reviews(client, guest, user, file):
    address = f"/api/models/ink/versions/{file.version_id}/reviews/"
    sanctions.mute(user=user, reason="spam", by=UserFactory(is_superuser=True))

    assert_refused(guest.put(address, {"recommends": True}), 401)
    assert_refused(client_of(file.version.card.owner).put(address, {"recommends": True}), 403, code="not_yours")
    assert_refused(client.put(address, {"recommends": True}), 403, code="muted")
    assert_refused(client.put(address, {}), 400, field="recommends")


def test_a_hundred_beginnings_of_hashes_are_looked_for_at_once(guest, file, django_assert_max_num_queries):
    ModelFile.objects.filter(pk=file.pk).update(sha256="ab" * 32)
    asked = ["ab" * 5, *(f"{number:010x}" for number in range(99))]

    with django_assert_max_num_queries(25):
        found = guest.post("/api/models/by-hash/", {"hashes": asked}).json()

    assert [row["hash"] for row in found] == ["ab" * 5]
