"""Every refusal has one shape, whatever went wrong and wherever."""

import base64
import json
import uuid

import pytest
from rest_framework.test import APIClient

from generation import services
from tests.api.conftest import assert_refused
from visionary.common.request_id import RequestIdFilter

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/api/", "/api/nothing", "/api/v1/models", "/api/jobs/not-a-uuid/", "/api/me"])
@pytest.mark.parametrize("method", ["get", "post", "delete", "patch"])
def test_an_unknown_address_is_told_in_json(guest, address, method):
    assert_refused(getattr(guest, method)(address), 404, "not_found")


def test_a_wrong_method_is_told_in_json(client):
    assert_refused(client.delete("/api/jobs/"), 405, "method_not_allowed")


def test_a_guest_is_asked_to_sign_in(guest):
    answer = guest.get("/api/jobs/")

    assert_refused(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_an_unknown_token_is_refused(guest):
    assert_refused(guest.get("/api/models/", headers={"Authorization": "Bearer va_x"}), 401, "authentication_failed")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"[" * 100_000, b'{"prompt": NaN}', b"\xff\xfe", b'{"prompt": 1' + b"0" * 5000 + b"}"],
)
def test_a_body_that_is_no_json_is_refused(client, body):
    assert_refused(client.generic("POST", "/api/jobs/", body, content_type="application/json"), 400)


@pytest.mark.parametrize("body", [[], "text", 5, None, True, {}])
def test_a_body_of_another_form_is_refused(client, body):
    answer = client.generic("POST", "/api/jobs/", json.dumps(body), content_type="application/json")

    assert_refused(answer, 400)


def test_a_body_of_another_type_is_refused(client):
    assert_refused(client.generic("POST", "/api/jobs/", b"<a/>", content_type="text/xml"), 415)


def test_a_body_beyond_all_bounds_is_refused(client):
    assert_refused(client.post("/api/jobs/", {"prompt": "x" * 300_000}), 413, "too_big")


def test_a_client_that_accepts_something_else_gets_json(client):
    answer = client.get("/api/models/", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"


def test_a_failure_of_ours_is_told_without_details(user, version, monkeypatch):
    def broken(**asked):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(services, "submit_job", broken)
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(user)

    answer = client.post("/api/jobs/", {"prompt": "a red apple"})

    assert "secret" not in assert_refused(answer, 500, "server_error")["message"]


def test_the_sentences_follow_the_language_of_the_client(guest):
    answer = guest.get("/api/jobs/", headers={"Accept-Language": "zh-hans"})

    assert any("\u4e00" <= character <= "\u9fff" for character in answer.json()["message"])


@pytest.mark.parametrize("cursor", ["x", "ä", "W10", "bnVsbA", "WyJjcmVhdGVkX2F0IiwxLDJd", "A" * 500, "\x00"])
@pytest.mark.parametrize("address", ["/api/models/", "/api/pictures/", "/api/jobs/", "/api/pictures/mine/"])
def test_a_cursor_that_nobody_gave_out_is_refused(client, address, cursor):
    assert_refused(client.get(address, {"cursor": cursor}), 400, "bad_cursor", "cursor")


@pytest.mark.parametrize(("address", "order"), [("/api/jobs/", "created_at"), ("/api/pictures/", "published_at")])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_cursor_outside_the_calendar_is_refused(client, address, order, moment):
    cursor = base64.urlsafe_b64encode(json.dumps([order, moment, str(uuid.uuid4())]).encode()).decode()

    assert_refused(client.get(address, {"cursor": cursor}), 400, "bad_cursor", "cursor")


@pytest.mark.parametrize("size", ["0", "-1", "101", "x", "1.5", "9" * 20, "٣"])
def test_a_bad_page_size_is_refused(guest, size):
    assert_refused(guest.get("/api/models/", {"page_size": size}), 400, field="page_size")


def test_a_refusal_is_logged_with_the_id_of_its_request(guest, caplog):
    answer = guest.get("/api/jobs/", headers={"X-Request-ID": "request-from-a-proxy"})
    record = next(one for one in caplog.records if one.name == "django.request")

    RequestIdFilter().filter(record)

    assert (answer.status_code, record.request_id) == (401, "request-from-a-proxy")
