"""Tokens: shown once, stored hashed, open what their scopes say, taken back at once."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.urls import get_resolver
from django.utils import timezone

from accounts import credentials, tokens
from accounts.models import ApiToken
from accounts.scopes import SCOPES
from tests.accounts.people import with_token
from tests.factories import UserFactory
from visionary.common.api_scopes import SAFE, needed
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db
PAGE = "/settings/tokens/"


@pytest.fixture
def user():
    return UserFactory()


def make(client, **fields):
    return client.post(PAGE, {"name": "phone", "scopes": ["read"], "days": "30"} | fields)


def test_a_new_token_is_shown_once_and_stored_hashed(client, user):
    client.force_login(user)

    page = make(client).content.decode()

    secret = re.search(r"va_[\w-]{40,}", page)[0]
    row = ApiToken.objects.get()
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(vars(row))
    assert row.digest == ApiToken.digest_of(secret)
    assert (row.name, row.scopes) == ("phone", ["read"])
    assert timedelta(days=29) < row.expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.parametrize("change", [{"name": ""}, {"scopes": []}, {"scopes": ["fly"]}, {"days": "7"}])
def test_a_refused_form_makes_nothing(client, user, change):
    client.force_login(user)

    answer = make(client, **change)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_revoked_token_opens_nothing(client, user):
    row, secret = ApiToken.issue(user, "phone")
    client.force_login(user)
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/me/", headers=headers).status_code == 200

    client.post(f"{PAGE}{row.pk}/revoke/")

    assert client.get("/api/me/", headers=headers).status_code == 401


def test_nobody_revokes_somebody_elses_token(client, user):
    row, _secret = ApiToken.issue(UserFactory(), "phone")
    client.force_login(user)

    assert client.post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert with_token(user).delete(f"/api/tokens/{row.pk}/").status_code == 404
    assert ApiToken.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("scopes", "method", "address", "status"),
    [
        (["read"], "get", "/api/me/", 200),
        (["read"], "post", "/api/jobs/", 403),
        (["generate"], "get", "/api/me/", 403),
        (["generate"], "post", "/api/jobs/", 400),
        (["read"], "post", "/api/tokens/", 403),
        (["account"], "post", "/api/tokens/", 400),
        ([], "post", "/api/jobs/", 400),
        ([], "get", "/api/me/", 200),
    ],
)
def test_a_token_does_what_its_scopes_say(user, scopes, method, address, status):
    answer = getattr(with_token(user, scopes), method)(address, {} if method == "post" else None)

    assert answer.status_code == status, answer.content
    if status == 403:
        assert answer.json()["code"] == "missing_scope"


def api_views():
    patterns = next(part for part in get_resolver().url_patterns if str(part.pattern) == "api/").url_patterns
    return {part.name: part.callback.cls for part in patterns if part.name}


def test_every_operation_that_changes_something_names_a_scope_there_is():
    for name, view in api_views().items():
        for method in {"POST", "PUT", "PATCH", "DELETE"}:
            if hasattr(view, method.lower()) and view.authentication_classes:
                assert needed(view(), method) in SCOPES, f"{name} {method}: give the view a `scope`"
        assert needed(view(), next(iter(SAFE))) in SCOPES


def test_the_document_names_the_scopes(client):
    document = client.get("/api/schema/").json()

    assert document["paths"]["/api/jobs/"]["post"]["description"].endswith("Scope of tokens: `generate`.")
    assert document["paths"]["/api/me/"]["get"]["description"].endswith("Scope of tokens: `read`.")
    assert "Scope of" not in document["paths"]["/api/login/"]["post"]["description"]


def test_tokens_are_made_listed_and_revoked_by_programs(user):
    client = with_token(user)

    made = client.post("/api/tokens/", {"name": "script", "scopes": ["read", "generate"]}).json()

    assert {row["name"] for row in client.get("/api/tokens/").json()["results"]} == {"test", "script"}
    assert made["token"].startswith("va_")
    assert client.delete(f"/api/tokens/{made['id']}/").status_code == 204
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(("scopes", "days"), [(["read", "upload"], 1), (["read"], 90)])
def test_a_token_hands_on_no_more_than_it_has(user, scopes, days):
    soon = timezone.now() + timedelta(days=10)
    client = with_token(user, ["account", "read"], expires_at=soon)
    later = timezone.now() + timedelta(days=days)

    answer = client.post("/api/tokens/", {"name": "heir", "scopes": scopes, "expires_at": later.isoformat()})

    assert answer.status_code in {400, 403}
    assert ApiToken.objects.count() == 1


def test_a_full_token_of_old_still_opens_everything(user):
    row, _secret = ApiToken.issue(user, "old")

    assert row.scopes == []
    assert with_token(user).get("/api/jobs/").status_code == 200


def test_there_is_an_end_to_tokens(user, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    tokens.make(user=user, name="one", scopes=["read"])

    with pytest.raises(DomainError, match="Revoke one"):
        tokens.make(user=user, name="two", scopes=["read"])


def test_the_list_costs_the_same_however_long(client, user, django_assert_max_num_queries):
    for number in range(20):
        ApiToken.issue(user, f"token {number}")
    client.force_login(user)

    with django_assert_max_num_queries(8):
        assert client.get(PAGE).status_code == 200


def test_signing_in_takes_the_oldest_sign_in_token_away(user, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 3)
    made, _secret = tokens.make(user=user, name="script", scopes=["read"])
    _first, *later = [credentials.issue_token(user, "phone")[0] for _number in range(3)]

    assert set(ApiToken.objects.all()) == {made, *later}


def test_staff_without_the_second_factor_it_needs_is_not_let_in_by_token(settings):
    boss = UserFactory(is_staff=True)
    client = with_token(boss)
    assert client.get("/api/me/").status_code == 200

    settings.STAFF_SECOND_FACTOR = True

    assert client.get("/api/me/").status_code == 403
    totp.TOTP.activate(boss, "A" * 32)
    assert client.get("/api/me/").status_code == 200
    assert with_token(UserFactory()).get("/api/me/").status_code == 200
