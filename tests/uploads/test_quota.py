"""How much one user may bring, also when everything happens at once."""

import threading

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from accounts import roles
from accounts.models import User
from models_hub.models import ModelFile, Upload
from models_hub.uploads import quarantine, quotas, services
from tests.factories import UserFactory
from visionary.common.exceptions import DomainError


@pytest.fixture
def quota(settings):
    def bound(**values):
        settings.UPLOAD_QUOTA = {"user": {"bytes": 0, "open": 0} | values}

    return bound


def test_bytes_of_files_and_of_open_uploads_count(tus, version, quota):
    quota(bytes=100)
    ModelFile.objects.create(version=version, name="a", size=50, sha256="")
    tus.begin(40)

    refused = tus.create(11)

    assert (refused.status_code, refused.json()["code"]) == (413, "upload_quota")
    assert tus.create(10).status_code == 201


def test_a_removed_upload_makes_room(tus, quota):
    quota(bytes=100)
    upload = tus.begin(100)
    tus.send("DELETE", f"/uploads/{upload.pk}/")

    assert tus.create(100).status_code == 201


def test_only_so_many_uploads_are_under_way(tus, quota):
    quota(open=2)
    tus.begin(5)
    tus.begin(5)

    assert tus.create(5).json()["code"] == "too_many_uploads"


def test_each_role_has_its_own_bound(tus, owner, settings):
    settings.UPLOAD_QUOTA = {"user": {"bytes": 10, "open": 0}, "administrator": {"bytes": 0, "open": 0}}
    assert tus.create(11).status_code == 413

    User.objects.filter(pk=owner.pk).update(is_superuser=True)

    assert tus.create(11).status_code == 201


@pytest.mark.parametrize(("group", "most"), [(None, 10), (roles.TRUSTED, 20), (roles.MODERATORS, 30)])
def test_the_groups_that_the_site_makes_have_their_bounds(owner, settings, group, most):
    bounds = {"user": 10, "trusted": 20, "moderator": 30}
    settings.UPLOAD_QUOTA = {role: {"bytes": size, "open": 0} for role, size in bounds.items()}
    if group:
        owner.groups.add(Group.objects.get_or_create(name=group)[0])

    assert quotas.usage(owner).most == most


def test_a_file_has_a_greatest_size(tus, settings):
    settings.UPLOAD_MAX_BYTES = 1000

    assert tus.create(1001).json()["code"] == "too_big"


def test_a_full_disk_is_said_and_nothing_is_begun(tus, monkeypatch):
    monkeypatch.setattr(quarantine, "free_bytes", lambda: 99)

    answer = tus.create(100)

    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert not Upload.objects.exists()


def test_room_is_promised_to_what_is_under_way(tus, monkeypatch):
    monkeypatch.setattr(quarantine, "free_bytes", lambda: 150)
    tus.begin(100)

    assert tus.create(51).status_code == 507
    assert tus.create(50).status_code == 201


def test_a_disk_that_fills_up_keeps_what_arrived(tus, monkeypatch):
    upload = tus.begin(100)
    tus.patch(upload, b"a" * 60, 0)

    def full(body, file, most, digest=None):
        file.write(body.read(10))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(quarantine, "copy", full)
        answer = tus.patch(upload, b"b" * 40, 60)

    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert tus.head(upload)["Upload-Offset"] == "70"
    assert tus.patch(upload, b"c" * 30, 70).status_code == 204


@pytest.mark.django_db(transaction=True)
def test_twenty_uploads_begun_at_once_do_not_beat_the_quota(quota):
    quota(bytes=500)
    owner, begun, refused, start = UserFactory(), [], [], threading.Barrier(20)

    def begin():
        start.wait()
        try:
            begun.append(services.create(owner=owner, length=100, name="a.bin"))
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert len(begun) == Upload.objects.count() == 5
    assert refused == ["upload_quota"] * 15
