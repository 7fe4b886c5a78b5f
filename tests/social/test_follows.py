"""The counters of followers are the numbers of Follow rows, whoever clicks at the same time."""

import pytest
from django.utils import timezone

from accounts.models import OPEN_END, Profile, User
from social import services
from social.models import Follow
from tests.factories import UserFactory
from tests.social.at_once import at_once
from visionary.common.exceptions import DomainError


def counts(user):
    return Profile.objects.values_list("followers", "following").get(user=user)


@pytest.mark.django_db(transaction=True)
def test_follows_of_many_at_once_are_all_counted():
    star, fans = UserFactory(), [UserFactory(password="x") for _n in range(12)]

    at_once(services.follow, [{"user": star, "by": fan} for fan in fans] * 2)

    assert counts(star) == (Follow.objects.count(), 0) == (12, 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_follow_each_other_at_once_do_not_wait_for_ever():
    one, other = UserFactory(), UserFactory()

    at_once(services.follow, [{"user": one, "by": other}, {"user": other, "by": one}] * 6)

    assert counts(one) == counts(other) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_follows_and_unfollows_at_once_leave_counter_and_rows_equal():
    star, fans = UserFactory(), [UserFactory(password="x") for _n in range(5)]
    deeds = [services.follow, services.unfollow]

    at_once(
        lambda number, **call: deeds[number % 2](**call),
        [{"user": star, "by": fan, "number": number} for number in range(4) for fan in fans],
    )

    assert counts(star)[0] == Follow.objects.count()


def test_nobody_follows_themselves(anna):
    with pytest.raises(DomainError):
        services.follow(user=anna, by=anna)

    assert not Follow.objects.exists()


@pytest.mark.parametrize("fields", [{"is_active": False}, {"banned_until": OPEN_END}])
def test_who_is_closed_or_banned_is_not_followed(anna, ben, fields):
    User.objects.filter(pk=ben.pk).update(**fields)
    ben.refresh_from_db()

    with pytest.raises(DomainError):
        services.follow(user=ben, by=anna)


def test_who_is_banned_follows_nobody(anna, ben):
    anna.banned_until = OPEN_END

    with pytest.raises(DomainError) as refusal:
        services.follow(user=ben, by=anna)

    assert refusal.value.code == "banned"


def test_a_click_follows_and_another_takes_it_back(client, anna, ben):
    client.force_login(anna)

    for value, followers in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        page = client.post("/u/ben/follow/", {"value": value}, headers={"HX-Request": "true"}).content.decode()
        assert counts(ben)[0] == followers
        assert f'aria-pressed="{"true" if followers else "false"}"' in page


def test_without_script_a_click_leads_back_to_the_page(client, anna, ben):
    client.force_login(anna)

    assert client.post("/u/ben/follow/", {"value": "1"}).url == "/u/ben/"


def test_a_guest_is_asked_to_sign_in(client, ben):
    assert client.post("/u/ben/follow/").url.startswith("/accounts/login/")


def test_lists_show_people_and_leave_out_closed_accounts(client, anna, ben):
    gone = UserFactory(username="gone")
    services.follow(user=anna, by=ben)
    services.follow(user=anna, by=gone)
    User.objects.filter(pk=gone.pk).update(is_active=False, deletion_due_at=timezone.now())

    page = client.get("/u/anna/followers/").content.decode()

    assert 'href="/u/ben/"' in page
    assert "gone" not in page
    assert 'href="/u/anna/"' in client.get("/u/ben/following/").content.decode()


def test_a_list_is_paged_and_costs_the_same_for_many(client, anna, django_assert_max_num_queries):
    for _n in range(35):
        services.follow(user=anna, by=UserFactory(password="x"))

    with django_assert_max_num_queries(6):
        page = client.get("/u/anna/followers/").content.decode()
    assert page.count('class="people__one"') == 30

    more = page.split('data-more href="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(f"/u/anna/followers/{more}&part=1").content.decode().count('class="people__one"') == 5
