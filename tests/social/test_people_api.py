"""People for programs."""

from social import services
from tests.social.conftest import published


def test_a_page_tells_what_the_page_for_people_tells(client, anna, ben, card):
    services.like(picture=published(anna), by=ben)

    answer = client.get("/api/users/ANNA/").json()

    told = ("username", "url", "pictures", "models", "likes_received", "followers", "last_seen_at")
    assert [answer[name] for name in told] == ["anna", "/u/anna/", 1, 1, 1, 0, None]
    assert "email" not in answer


def test_programs_follow_and_no_longer_follow(client, anna, ben):
    client.force_login(ben)

    assert client.post("/api/users/anna/follow/").json() == {"followers": 1, "followed": True}
    assert client.get("/api/users/anna/followers/").json()["results"][0]["user"]["username"] == "ben"
    assert client.get("/api/users/ben/following/").json()["results"][0]["user"]["username"] == "anna"
    assert client.delete("/api/users/anna/follow/").json() == {"followers": 0, "followed": False}


def test_a_refusal_is_told_with_its_code(client, anna):
    client.force_login(anna)

    answer = client.post("/api/users/anna/follow/")

    assert (answer.status_code, answer.json()["code"]) == (400, "not_to_follow")


def test_a_guest_follows_nobody(client, anna):
    assert client.post("/api/users/anna/follow/").status_code in {401, 403}


def test_lists_cost_the_same_for_many(client, anna, ben, moderator, django_assert_max_num_queries):
    for fan in (ben, moderator):
        services.follow(user=anna, by=fan)

    with django_assert_max_num_queries(2):
        assert len(client.get("/api/users/anna/followers/").json()["results"]) == 2
    with django_assert_max_num_queries(1):
        assert len(client.get("/api/users/").json()["results"]) == 3
