"""Who may open what."""

import pytest
from django.urls import reverse

from tests.factories import JobFactory

OPEN = ["/", "/about/", "/gallery/", "/models/", "/models/starter/", "/generate/", "/u/owner/"]
PERSONAL = ["/creations/", "/settings/profile/", "/accounts/email/", "/accounts/password/change/"]


def visit(client, user, address):
    client.logout()
    if user:
        client.force_login(user)
    return client.get(address).status_code


@pytest.mark.parametrize("who", ["guest", "other", "owner", "moderator"])
@pytest.mark.parametrize("address", OPEN)
def test_open_pages_are_open_to_everybody(client, people, picture, address, who):
    assert visit(client, people[who], address) == 200


@pytest.mark.parametrize("address", PERSONAL)
def test_personal_pages_ask_a_guest_to_sign_in_and_lead_back(client, db, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.url == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", PERSONAL)
def test_personal_pages_open_for_their_user(client, owner, address):
    assert visit(client, owner, address) in {200, 302}


@pytest.mark.parametrize(
    ("visibility", "hidden", "expected"),
    [
        ("public", False, {"guest": 200, "other": 200, "owner": 200, "moderator": 200}),
        ("unlisted", False, {"guest": 200, "other": 200, "owner": 200, "moderator": 200}),
        ("private", False, {"guest": 404, "other": 404, "owner": 200, "moderator": 200}),
        ("public", True, {"guest": 404, "other": 404, "owner": 200, "moderator": 200}),
    ],
)
def test_a_picture_and_its_file_are_seen_by_the_same_people(
    client, people, make_picture, with_file, visibility, hidden, expected
):
    picture = with_file(make_picture(visibility, is_hidden=hidden))

    for address in (picture.get_absolute_url(), picture.file_url):
        assert {who: visit(client, user, address) for who, user in people.items()} == expected


def test_a_deleted_picture_is_gone_for_everybody(client, people, make_picture, with_file):
    picture = with_file(make_picture(deleted_at="2026-01-01T00:00:00Z"))

    assert {visit(client, user, picture.file_url) for user in people.values()} == {404}


def test_a_job_is_its_owners_alone(client, people, version, owner):
    job = JobFactory(owner=owner, version=version)

    for name in ("job", "job-state", "card"):
        address = reverse(f"generation:{name}", args=[job.pk])
        found = {who: visit(client, user, address) for who, user in people.items()}
        assert found == {"guest": 302, "other": 404, "owner": 200, "moderator": 404}


@pytest.mark.parametrize("deed", ["publish", "unpublish", "trash", "edit"])
def test_only_the_owner_changes_a_picture(client, people, picture, deed):
    client.force_login(people["other"])

    client.post(f"{picture.get_absolute_url()}{deed}/", {"title": "mine now", "visibility": "private"})

    picture.refresh_from_db()
    assert (picture.visibility, picture.deleted_at, picture.title) == ("public", None, "")


def test_only_a_moderator_hides_a_picture(client, people, picture):
    for who, hidden in (("other", False), ("owner", False), ("moderator", True)):
        client.force_login(people[who])
        client.post(f"{picture.get_absolute_url()}hide/")
        picture.refresh_from_db()
        assert picture.is_hidden is hidden


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_an_unpublished_model_is_not_shown_to_others(client, people, version, status):
    version.card.status = status
    version.card.save()

    found = {who: visit(client, user, "/models/starter/") for who, user in people.items()}

    assert found == {"guest": 404, "other": 404, "owner": 404, "moderator": 200}


def test_a_closed_account_has_no_page(client, owner):
    owner.is_active = False
    owner.save()

    assert visit(client, None, "/u/owner/") == 404
