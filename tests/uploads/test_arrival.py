"""What becomes of an upload that is whole."""

import django_rq
import pytest

from models_hub import jobs, uploads
from models_hub.models import ModelFile, ModelVersion, Upload
from models_hub.uploads import arrival, quarantine
from tests.factories import ModelVersionFactory
from visionary.common.exceptions import DomainError


@pytest.fixture
def send(tus, version, django_capture_on_commit_callbacks):
    """Upload `data` whole; returns the Upload."""

    def upload(data=b"0123456789", name="model.safetensors", **told):
        begun = tus.begin(len(data), name=name, told={"version": version.pk} | told)
        with django_capture_on_commit_callbacks(execute=True):
            assert tus.patch(begun, data, 0).status_code == 204
        begun.refresh_from_db()
        return begun

    return upload


def tickets():
    return [job.args[0] for job in django_rq.get_queue("small").jobs if job.func_name == jobs.INSPECT]


def test_a_whole_upload_is_a_file_that_waits_for_inspection(send, version, settings):
    upload = send()

    file = version.files.get()
    version.refresh_from_db()
    assert (upload.state, upload.file) == (Upload.State.RECEIVED, file)
    assert (file.state, file.size, file.sha256) == (ModelFile.State.PENDING, 10, "")
    assert (settings.QUARANTINE_DIR / file.path).read_bytes() == b"0123456789"
    assert version.status == ModelVersion.Status.INSPECTING
    assert tickets() == [file.pk]


def test_an_unfinished_upload_is_no_file(tus, version):
    upload = tus.begin(10, told={"version": version.pk})
    tus.patch(upload, b"012345678", 0)

    assert not version.files.exists()


def test_arriving_twice_makes_one_file(send, version):
    upload = send()

    assert uploads.arrived(upload) == version.files.get()
    assert len(tickets()) == 1


def test_a_crash_before_the_row_was_written_is_made_good_at_the_next_question(tus, version):
    upload = tus.begin(10, told={"version": version.pk})
    quarantine.path_of(upload).parent.mkdir(parents=True)
    quarantine.path_of(upload).write_bytes(b"0123456789")

    assert tus.head(upload)["Upload-Offset"] == "10"
    assert version.files.exists()


def test_a_crash_in_the_middle_of_a_piece_resumes_at_what_is_on_disk(tus):
    upload = tus.begin(10, data=b"0123")
    with open(quarantine.path_of(upload), "ab") as file:
        file.write(b"45")

    assert tus.head(upload)["Upload-Offset"] == "6"
    assert tus.patch(upload, b"6789", 6)["Upload-Offset"] == "10"


def test_a_file_of_the_same_name_makes_way(send, version, settings):
    first = send()
    send(b"another one")

    assert version.files.get().size == 11
    assert not quarantine.path_of(first).exists()


def test_a_file_takes_the_place_of_another(send, version):
    old = send().file
    send(name="better.safetensors", replaces=old.pk)

    assert [file.name for file in version.files.all()] == ["better.safetensors"]


def test_bytes_that_two_files_share_stay(send, version):
    file = send().file
    ModelFile.objects.create(version=version, name="same", size=10, sha256="", path=file.path)

    arrival.drop_file(file)

    assert quarantine.settings.QUARANTINE_DIR.joinpath(version.files.get().path).exists()


def test_an_upload_without_a_version_waits_to_be_used(tus, version):
    upload = tus.begin(10, data=b"0123456789")

    file = uploads.attach(upload, version)

    assert version.files.get() == file
    with pytest.raises(DomainError):
        uploads.attach(upload, version)


def test_a_version_that_was_closed_meanwhile_takes_no_file(tus, version):
    upload = tus.begin(10, told={"version": version.pk})
    ModelVersion.objects.update(status="published")

    tus.patch(upload, b"0123456789", 0)

    upload.refresh_from_db()
    assert (upload.state, upload.file, upload.version) == (Upload.State.RECEIVED, None, None)
    with pytest.raises(DomainError):
        uploads.attach(upload, ModelVersionFactory())


def test_an_upload_that_is_used_is_not_removed_from_under_its_model(send, tus):
    upload = send()

    assert tus.send("DELETE", f"/uploads/{upload.pk}/").status_code == 409
    assert quarantine.path_of(upload).exists()


def test_one_writer_at_a_time(tus):
    upload = tus.begin(10)

    with quarantine.writing(upload):
        answers = [tus.patch(upload, b"01234", 0), tus.send("DELETE", f"/uploads/{upload.pk}/")]

    assert [answer.status_code for answer in answers] == [423, 423]
    assert tus.patch(upload, b"01234", 0).status_code == 204
