"""The counter of likes is the number of Like rows, whoever clicks at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from social import services
from social.models import Like
from tests.factories import PictureFactory, UserFactory


def at_once(deed, calls):
    """Run deed(**call) for all calls in threads, each with its own connection."""

    def run(call):
        try:
            return deed(**call)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_likes_of_many_users_at_once_are_all_counted():
    picture = PictureFactory(visibility="public", published_at=timezone.now())
    users = [UserFactory(password="x") for _n in range(16)]

    at_once(services.like, [{"picture": picture, "by": user} for user in users])

    picture.refresh_from_db()
    assert picture.likes == Like.objects.count() == 16


@pytest.mark.django_db(transaction=True)
def test_one_user_clicking_many_times_at_once_counts_once():
    picture, user = PictureFactory(), UserFactory()

    at_once(services.like, [{"picture": picture, "by": user}] * 16)

    picture.refresh_from_db()
    assert picture.likes == Like.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_likes_and_unlikes_at_once_leave_counter_and_rows_equal():
    picture = PictureFactory()
    users = [UserFactory(password="x") for _n in range(6)]
    calls = [{"picture": picture, "by": user} for user in users] * 3

    at_once(
        lambda number, **call: (services.unlike if number % 2 else services.like)(**call),
        [call | {"number": number} for number, call in enumerate(calls)],
    )

    picture.refresh_from_db()
    assert picture.likes == Like.objects.count()


def test_a_like_is_given_and_taken_back(client, owner, picture):
    client.force_login(owner)

    for value, likes in (("1", 1), ("1", 1), ("0", 0), ("0", 0)):
        response = client.post(f"{picture.get_absolute_url()}like/", {"value": value}, HTTP_HX_REQUEST="true")
        picture.refresh_from_db()
        assert picture.likes == likes
        assert f'aria-pressed="{"true" if likes else "false"}"' in response.content.decode()


def test_a_guest_is_asked_to_sign_in_and_comes_back_to_the_picture(client, picture):
    assert (
        f"/accounts/login/?next={picture.get_absolute_url()}" in client.get(picture.get_absolute_url()).content.decode()
    )


def test_a_picture_one_cannot_see_cannot_be_liked(client, people, make_picture):
    client.force_login(people["other"])
    picture = make_picture("private")

    assert client.post(f"{picture.get_absolute_url()}like/").status_code == 404
    assert not Like.objects.exists()
