"""What becomes of pictures that the output check does not like."""

import pytest
from PIL import Image

from gallery import services as gallery
from gallery.models import Picture, Verdict
from generation.engine import calls, output_check
from generation.models import Job
from generation.rendering import jobs
from generation.watching import progress
from tests.factories import JobFactory, UserFactory
from visionary.common.exceptions import DomainError

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def alarmed(monkeypatch):
    """`alarmed(n)`: n of the detectors go off at anything."""

    def set_alarm(count):
        values = [0.9] * count + [0.0] * (2 - count)
        monkeypatch.setattr(output_check, "scores", lambda *_: dict(zip(("nsfwjs", "opennsfw"), values, strict=True)))

    return set_alarm


def drawn(job):
    jobs.run_next()
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.failure
    return job.results.get().picture


def test_a_clean_picture_keeps_its_scores(starter):
    picture = drawn(JobFactory(version=starter))

    assert picture.verdict.decision == Verdict.Decision.CLEAN
    assert 0 <= picture.verdict.scores["nsfwjs"] < 0.5
    assert not picture.is_blocked


def test_a_blocked_picture_is_shown_to_nobody_but_the_staff(starter, alarmed):
    alarmed(2)
    job = JobFactory(version=starter, publish=True)
    picture = drawn(job)

    staff = UserFactory(is_staff=True)
    assert not Picture.objects.visible_to(job.owner).exists()
    assert not Picture.objects.for_owner(job.owner).exists()
    assert not Picture.objects.published().exists()
    assert Picture.objects.visible_to(staff).get() == picture
    state = progress.snapshot(job)
    assert (state["pictures"], state["withheld"]) == ([], 1)


def test_the_file_of_a_blocked_picture_cannot_be_fetched(starter, alarmed, client):
    alarmed(2)
    job = JobFactory(version=starter)
    picture = drawn(job)
    client.force_login(job.owner)

    assert client.get(picture.file_url).status_code == 404
    assert client.get(picture.get_absolute_url()).status_code == 404
    assert client.get(f"/api/pictures/{picture.pk}/").status_code == 404


def test_a_doubtful_picture_is_its_owners_alone_until_a_moderator_has_seen_it(starter, alarmed):
    alarmed(1)
    job = JobFactory(version=starter, publish=True)
    picture = drawn(job)

    assert not Picture.objects.published().exists()
    assert Picture.objects.visible_to(job.owner).exists()
    with pytest.raises(DomainError, match="moderator"):
        gallery.publish(picture=picture, by=job.owner)


@pytest.fixture
def first_is_black(monkeypatch):
    """The engine's first picture comes out black, as half precision sometimes does it."""
    original = calls.decode
    seen = []

    def decode(*arguments):
        image = original(*arguments)
        seen.append(image)
        return Image.new("RGB", image.size) if len(seen) == 1 else image

    monkeypatch.setattr(calls, "decode", decode)
    return seen


def test_a_black_picture_is_drawn_once_more_with_another_seed(starter, first_is_black):
    picture = drawn(JobFactory(version=starter, seed=7))

    assert len(first_is_black) == 2
    assert picture.recipe.seed == 8
    assert (picture.verdict.defect, picture.verdict.was_drawn_again) == ("blank", True)
    assert output_check.defect(Image.open(picture.path)) == ""


def test_the_check_can_be_switched_off(starter, settings):
    settings.OUTPUT_CHECK = False
    picture = drawn(JobFactory(version=starter))

    assert not Verdict.objects.filter(picture=picture).exists()
