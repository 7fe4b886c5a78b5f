"""What may be called what: names and the header they come in."""

import pytest

from models_hub.models import Upload
from models_hub.uploads import metadata
from tests.uploads.conftest import metadata as header
from visionary.common.exceptions import DomainError

HOSTILE = ["", "   ", "../../etc/passwd", "..", ".hidden", "a/b", "a\\b", "C:\\x.bin", "a\x00b", "a\nb", "x" * 300]
HOSTILE += ["safe\u202esrotnesefas.exe", "a\u200bb", "a\x7fb", "a\u2028b"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_refused_with_a_sentence(tus, name):
    answer = tus.create(10, name=name)

    assert answer.status_code == 400
    assert answer.json()["field"] == "name"
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    "name", ["模型 v1.safetensors", "été.ckpt", "a b (1).pt", "no extension", "x" * 200, "عمل.bin"]
)
def test_an_honest_name_is_kept_and_the_bytes_lie_under_our_own(tus, name, settings):
    upload = tus.begin(10, name=name, data=b"12345")

    assert upload.name == name
    assert [path.name for path in settings.QUARANTINE_DIR.glob("*/*")] == [str(upload.pk)]


@pytest.mark.parametrize("text", ["name !!!", "name /w==", "name YQ==,name Yg==", "x" * 5000, "name YQ"])
def test_a_header_that_cannot_be_read_is_refused(tus, text):
    answer = tus.create(10, Upload_Metadata=text)

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_metadata")


def test_what_is_written_is_read_again():
    values = {"name": "模型, v1", "role": "model"}

    assert metadata.read(metadata.written(values)) == values


def test_keys_without_a_value_are_empty():
    assert metadata.read("is_confidential, name YQ==") == {"is_confidential": "", "name": "a"}


@pytest.mark.parametrize("told", [{"role": "virus"}, {"version": "x"}, {"version": "99999999"}, {"version": "²"}])
def test_an_unknown_role_or_version_is_refused(tus, told):
    assert tus.create(10, told=told).json()["field"] in told


def test_the_name_is_checked_wherever_it_comes_from():
    with pytest.raises(DomainError):
        metadata.file_name("a/b")


def test_browsers_call_it_filename(tus):
    upload = tus.begin(10, Upload_Metadata=header(filename="a.safetensors", filetype=""))

    assert upload.name == "a.safetensors"
