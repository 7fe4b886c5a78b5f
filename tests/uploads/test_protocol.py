"""tus 1.0: what each request is answered."""

import pytest

from models_hub.models import Upload
from models_hub.uploads import quarantine
from tests.uploads.conftest import checksum, metadata

DATA = bytes(range(256)) * 40


def test_options_says_what_the_site_can_do(tus, client):
    client.logout()

    answer = tus.send("OPTIONS", "/uploads/")

    assert answer.status_code == 204
    assert answer["Tus-Version"] == answer["Tus-Resumable"] == "1.0.0"
    assert {"creation", "checksum", "expiration", "termination"} <= set(answer["Tus-Extension"].split(","))
    assert {"sha1", "sha256"} <= set(answer["Tus-Checksum-Algorithm"].split(","))


def test_a_file_arrives_in_pieces(tus):
    upload = tus.begin(len(DATA))

    first = tus.patch(upload, DATA[:4000], 0)
    second = tus.patch(upload, DATA[4000:], 4000)

    assert (first.status_code, first["Upload-Offset"]) == (204, "4000")
    assert "Upload-Expires" in first
    assert second["Upload-Offset"] == str(len(DATA))
    assert quarantine.path_of(upload).read_bytes() == DATA


def test_head_tells_offset_length_and_name(tus):
    upload = tus.begin(len(DATA), name="模型.safetensors")
    tus.patch(upload, DATA[:100], 0)

    answer = tus.head(upload)

    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("100", str(len(DATA)))
    assert metadata(name="模型.safetensors") in answer["Upload-Metadata"]
    assert answer["Cache-Control"] == "no-store"


def test_the_first_piece_may_come_with_the_creation(tus):
    answer = tus.create(len(DATA), data=DATA[:500])

    assert (answer.status_code, answer["Upload-Offset"]) == (201, "500")


@pytest.mark.parametrize("offset", [0, 99, 101, len(DATA)])
def test_a_piece_for_another_offset_is_refused_and_changes_nothing(tus, offset):
    upload = tus.begin(len(DATA))
    tus.patch(upload, DATA[:100], 0)

    answer = tus.patch(upload, DATA[100:200], offset)

    assert answer.status_code == 409
    assert quarantine.size_of(upload) == 100


def test_more_than_was_announced_is_refused_and_not_kept(tus):
    upload = tus.begin(100)
    tus.patch(upload, DATA[:60], 0)

    answer = tus.patch(upload, DATA[60:200], 60)

    assert answer.status_code == 413
    assert quarantine.size_of(upload) == 60


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_damaged_piece_is_refused_and_a_whole_one_kept(tus, algorithm):
    upload = tus.begin(len(DATA))

    damaged = tus.patch(upload, DATA[1:101], 0, Upload_Checksum=checksum(DATA[:100], algorithm))
    whole = tus.patch(upload, DATA[:100], 0, Upload_Checksum=checksum(DATA[:100], algorithm))

    assert (damaged.status_code, whole.status_code) == (460, 204)
    assert quarantine.path_of(upload).read_bytes() == DATA[:100]


@pytest.mark.parametrize("header", ["crc32 AAAAAA==", "sha1 nonsense", "sha1", "sha256 AAAA"])
def test_an_unknown_checksum_is_refused(tus, header):
    upload = tus.begin(len(DATA))

    assert tus.patch(upload, DATA[:100], 0, Upload_Checksum=header).status_code == 400
    assert quarantine.size_of(upload) == 0


def test_another_protocol_version_is_refused(tus):
    answer = tus.create(10, Tus_Resumable="0.2.2")

    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert not Upload.objects.exists()


@pytest.mark.parametrize("length", ["", "-1", "ten", "1.5", "9" * 30, "²"])
def test_a_length_that_is_no_number_is_refused(tus, length):
    assert tus.create(length.encode().decode("latin1")).status_code == 400


def test_an_empty_file_is_refused(tus):
    assert tus.create(0).json()["code"] == "empty"


def test_a_length_may_not_come_later(tus):
    assert tus.send("POST", "/uploads/", Upload_Defer_Length="1").status_code == 400


def test_another_content_type_is_refused(tus):
    upload = tus.begin(100)

    assert tus.patch(upload, DATA[:10], 0, Content_Type="text/plain").status_code == 415


def test_a_removed_upload_leaves_nothing(tus):
    upload = tus.begin(len(DATA))
    tus.patch(upload, DATA[:100], 0)

    assert tus.send("DELETE", f"/uploads/{upload.pk}/").status_code == 204
    assert tus.head(upload).status_code == 404
    assert not quarantine.path_of(upload).exists()


def test_the_method_may_be_given_in_a_header(tus):
    upload = tus.begin(len(DATA))

    answer = tus.send("POST", f"/uploads/{upload.pk}/", DATA[:50], Upload_Offset=0, X_HTTP_Method_Override="PATCH")

    assert (answer.status_code, quarantine.size_of(upload)) == (204, 50)


def test_a_piece_over_the_limit_is_refused(tus, settings):
    settings.UPLOAD_PATCH_BYTES = 100
    upload = tus.begin(len(DATA))

    answer = tus.patch(upload, DATA[:101], 0)

    assert answer.status_code == 413
    assert "chunk size" in answer.json()["message"]
