"""A moderator's word on a picture that the output check was not sure about."""

import pytest
from django.contrib.auth.models import Permission

from gallery import services, verdicts
from gallery.models import Picture, Verdict
from tests.factories import PictureFactory, UserFactory
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def moderator():
    user = UserFactory(is_staff=True)
    codenames = ["change_verdict", "view_verdict"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.fixture
def doubtful():
    return Verdict.objects.create(picture=PictureFactory(), decision="review", scores={"nsfwjs": 0.7, "opennsfw": 0.1})


def test_a_cleared_picture_may_be_published(moderator, doubtful):
    verdicts.settle(verdict=doubtful, by=moderator, decision="clean")

    services.publish(picture=doubtful.picture, by=doubtful.picture.owner)

    assert Picture.objects.published().get() == doubtful.picture


def test_a_blocked_picture_is_gone_for_its_owner(moderator, doubtful):
    verdicts.settle(verdict=doubtful, by=moderator, decision="blocked")

    assert not Picture.objects.for_owner(doubtful.picture.owner).exists()


@pytest.mark.parametrize("who", ["owner", "stranger"])
def test_only_moderators_decide(who, doubtful):
    by = doubtful.picture.owner if who == "owner" else UserFactory()

    with pytest.raises(DomainError):
        verdicts.settle(verdict=doubtful, by=by, decision="clean")

    doubtful.refresh_from_db()
    assert doubtful.decision == "review"


def test_the_back_office_lists_them_and_decides(client, moderator, doubtful):
    client.force_login(moderator)
    assert "nsfwjs 0.70" in client.get("/admin/gallery/verdict/?decision__exact=review").content.decode()

    client.post("/admin/gallery/verdict/", {"action": "clear", "_selected_action": [doubtful.pk]})

    doubtful.refresh_from_db()
    assert doubtful.decision == "clean"


def test_a_doubtful_picture_is_not_given_a_link_either(doubtful):
    picture = doubtful.picture

    with pytest.raises(DomainError, match="moderator"):
        services.unpublish(picture=picture, by=picture.owner, visibility="unlisted")

    assert not Picture.objects.visible_to(UserFactory()).exists()


@pytest.mark.parametrize("taken", [{"is_blocked": True}, {"is_hidden": True}])
def test_what_was_taken_away_a_moment_ago_is_not_published(taken):
    picture = PictureFactory()
    Picture.objects.filter(pk=picture.pk).update(**taken)

    with pytest.raises(DomainError):
        services.publish(picture=picture, by=picture.owner)

    picture.refresh_from_db()
    assert picture.visibility == "private"
