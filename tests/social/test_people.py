"""Finding people by name."""

import pytest

from accounts.models import OPEN_END, User
from social import services
from tests.factories import UserFactory


@pytest.fixture
def crowd(db):
    return [UserFactory(username=name, password="x") for name in ("Anna.Bell", "joanna", "小安娜", "zoe")]


def names(page):
    return [part.split('"')[0] for part in page.split('class="people__who" href="/u/')[1:]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("anna", {"Anna.Bell", "joanna"}), ("@ANNA.b", {"Anna.Bell"}), ("Ｚoe", {"zoe"}), ("xx", set())],
)
def test_people_are_found_by_any_letters_of_their_name(client, crowd, asked, found):
    page = client.get("/people/", {"q": asked}).content.decode()

    assert {name.rstrip("/") for name in names(page)} == found


def test_chinese_names_are_found(client, crowd):
    assert "小安娜" in client.get("/people/", {"q": "安娜"}).content.decode()


def test_without_a_name_those_with_most_followers_come_first(client, crowd):
    services.follow(user=crowd[3], by=crowd[0])

    assert names(client.get("/people/").content.decode())[0] == "zoe/"


def test_closed_and_banned_accounts_are_not_found(client, crowd):
    User.objects.filter(pk=crowd[0].pk).update(is_active=False)
    User.objects.filter(pk=crowd[1].pk).update(banned_until=OPEN_END)

    assert names(client.get("/people/", {"q": "anna"}).content.decode()) == []
    assert client.get("/api/users/?q=anna").json()["results"] == []


def test_pages_of_people_follow_each_other_without_gaps(client, db):
    for _n in range(65):
        UserFactory(password="x")
    seen, address = [], "/api/users/"

    while address:
        answer = client.get(address).json()
        seen += [person["username"] for person in answer["results"]]
        address = answer["next"]

    assert len(seen) == len(set(seen)) == 65


def test_strange_questions_are_answered(client, crowd):
    for asked in ("\x00", "%", "_", "'", "x" * 500, "@"):
        assert client.get("/people/", {"q": asked}).status_code == 200
    assert client.get("/people/?cursor=rubbish").status_code == 200
