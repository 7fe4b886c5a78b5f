import pytest
from django.test import RequestFactory

from visionary.common.streaming import file_response

CONTENT = bytes(range(256)) * 4


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "model.bin"
    path.write_bytes(CONTENT)
    return path


def ask(path, method="get", **headers):
    request = getattr(RequestFactory(), method)("/file", headers=headers)
    return file_response(request, path, content_type="application/octet-stream", filename="模型.bin", attachment=True)


def body(response):
    return b"".join(response.streaming_content)


def test_without_a_range_the_whole_file_is_sent(path):
    response = ask(path)

    assert (response.status_code, response["Content-Length"], response["Accept-Ranges"]) == (200, "1024", "bytes")
    assert body(response) == CONTENT
    assert "filename*=utf-8''%E6%A8%A1%E5%9E%8B.bin" in response["Content-Disposition"]


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("0-0", 0, 0),
        ("100-199", 100, 199),
        ("1000-", 1000, 1023),
        ("-24", 1000, 1023),
        ("-9999", 0, 1023),
        ("0-9999", 0, 1023),
    ],
)
def test_a_range_is_sent_as_asked(path, header, first, last):
    response = ask(path, Range=f"bytes={header}")

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert body(response) == CONTENT[first : last + 1]
    assert int(response["Content-Length"]) == last + 1 - first


@pytest.mark.parametrize("header", ["1024-", "5000-6000", "-0"])
def test_a_range_outside_the_file_is_416_and_tells_the_size(path, header):
    response = ask(path, Range=f"bytes={header}")

    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize(
    "header",
    [
        "bytes=0-" + "9" * 5000,
        f"bytes={'9' * 5000}-",
        "bytes=-" + "9" * 5000,
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "lines=1-2",
        "bytes=0-1,5-6",
        "bytes=a-b",
    ],
)
def test_a_range_that_makes_no_sense_is_ignored(path, header):
    assert ask(path, Range=header).status_code == 200


def test_an_unchanged_file_is_not_sent_again(path):
    tag = ask(path)["ETag"]

    assert ask(path, **{"If-None-Match": tag}).status_code == 304


def test_a_resumed_download_of_a_changed_file_starts_again(path):
    tag = ask(path)["ETag"]
    assert ask(path, Range="bytes=5-", **{"If-Range": tag}).status_code == 206

    path.write_bytes(b"other content")

    assert ask(path, Range="bytes=5-", **{"If-Range": tag}).status_code == 200


def test_if_range_takes_a_date_too(path):
    date = ask(path)["Last-Modified"]

    assert ask(path, Range="bytes=5-", **{"If-Range": date}).status_code == 206
    assert ask(path, Range="bytes=5-", **{"If-Range": "Mon, 01 Jan 2001 00:00:00 GMT"}).status_code == 200


def test_an_empty_file_is_sent_as_nothing(tmp_path):
    (tmp_path / "empty").touch()

    response = ask(tmp_path / "empty")

    assert (response.status_code, response["Content-Length"], body(response)) == (200, "0", b"")


def test_a_missing_file_is_an_error_of_the_caller(tmp_path):
    with pytest.raises(FileNotFoundError):
        ask(tmp_path / "nothing")


@pytest.mark.django_db
def test_the_file_is_closed_also_when_the_answer_is_never_read(path):
    response = ask(path)
    file = response._iterator.file

    response.close()

    assert file.closed
