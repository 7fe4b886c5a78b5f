"""What is cleared away, and what is not."""

import os
import time
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from models_hub import uploads
from models_hub.models import ModelFile, Upload
from models_hub.uploads import housekeeping, quarantine

HOUR = timedelta(hours=1)


@pytest.fixture
def begun(tus):
    return tus.begin(10, data=b"01234")


def expire(upload):
    Upload.objects.filter(pk=upload.pk).update(expires_at=timezone.now() - HOUR)


def test_an_expired_upload_is_gone(tus, begun):
    expire(begun)

    assert tus.head(begun).status_code == 410
    assert tus.patch(begun, b"56789", 5).status_code == 410


def test_each_piece_gives_an_upload_new_time(tus, begun):
    before = begun.expires_at
    tus.patch(begun, b"56", 5)

    begun.refresh_from_db()
    assert begun.expires_at > before


def test_expired_uploads_and_their_bytes_are_cleared_away(begun):
    expire(begun)

    assert uploads.clear()[0] == 1
    assert not Upload.objects.exists()
    assert not quarantine.path_of(begun).exists()


def test_what_is_under_way_stays(begun):
    assert uploads.clear() == (0, 0)
    assert quarantine.size_of(begun) == 5


def test_an_upload_that_is_being_written_stays(begun):
    expire(begun)
    with quarantine.writing(begun):
        assert uploads.clear()[0] == 0

    assert Upload.objects.exists()


@pytest.mark.parametrize(("age", "stays"), [(60, True), (3600, False)])
def test_files_without_a_row_are_removed_within_the_hour(db, settings, age, stays):
    path = settings.QUARANTINE_DIR / "ab" / str(uuid.uuid4())
    path.parent.mkdir(parents=True)
    path.write_bytes(b"left behind")
    os.utime(path, (time.time() - age,) * 2)

    uploads.clear()

    assert path.exists() == stays


def test_a_files_bytes_stay_however_old(begun, version):
    path = quarantine.path_of(begun)
    os.utime(path, (0, 0))
    ModelFile.objects.create(version=version, name="a", size=5, sha256="", path=quarantine.name_of(begun))
    begun.delete()

    assert uploads.clear() == (0, 0)
    assert path.exists()


def test_an_upload_that_was_whole_at_a_crash_is_settled(begun, version):
    Upload.objects.update(version=version)
    with open(quarantine.path_of(begun), "ab") as file:
        file.write(b"56789")

    uploads.clear()

    assert version.files.get().size == 10


def test_what_has_become_a_file_meanwhile_is_not_ended(tus, begun, version):
    Upload.objects.filter(pk=begun.pk).update(version=version)
    seen_before = Upload.objects.get(pk=begun.pk)
    tus.patch(begun, b"56789", 5)

    assert housekeeping.end(seen_before) == 0
    assert quarantine.path_of(begun).read_bytes() == b"0123456789"
    assert Upload.objects.get(pk=begun.pk).file.version == version


def test_an_upload_that_was_removed_before_it_was_noted_as_whole_is_no_fault(begun):
    stale = Upload.objects.get(pk=begun.pk)
    Upload.objects.all().delete()

    assert uploads.arrived(stale) is None


def test_nothing_is_whole_while_somebody_is_writing_to_it(tus, begun):
    with quarantine.writing(begun) as file:
        file.write(b"56789")
        tus.head(begun)
        uploads.clear()
        assert Upload.objects.get().state == Upload.State.RECEIVING

    tus.head(begun)
    assert Upload.objects.get().state == Upload.State.RECEIVED
