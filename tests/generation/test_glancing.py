"""Previews are looked at before the end, by a real detector; what it fires at is covered and stays covered."""

import io

import pytest
from PIL import Image

from generation.engine import output_check, preview
from generation.models import Job
from generation.rendering import glancing, jobs
from generation.rendering.glancing import Glance
from generation.watching.herald import herald
from tests.factories import JobFactory

RED, BLUE = Image.new("RGB", (64, 64), "red"), Image.new("RGB", (64, 64), "blue")


@pytest.fixture
def done():
    """Wait until every look that was ordered has been taken."""
    return lambda: glancing._beside.submit(bool).result(30)


@pytest.fixture
def sees(monkeypatch):
    """`sees(red)`: the detector fires at what is mostly of that channel."""

    def see(channel):
        monkeypatch.setattr(output_check, "glance", lambda image, _: image.getpixel((32, 32))[channel] > 200)

    return see


def colours(webp, number):
    return [one.getpixel((one.width // 2, one.height // 2)) for one in preview.apart(webp, number)]


def is_grey(colour):
    return all(abs(value - 128) < 8 for value in colour)


def test_a_preview_can_be_taken_apart_and_covered():
    seen = colours(preview.covered(preview.encode([RED, BLUE, RED]), 3, [1]), 3)

    assert is_grey(seen[1])
    assert seen[0][0] > 200 < seen[2][0]


@pytest.mark.parametrize("steps", [1, 4, 20, 60])
def test_two_looks_at_most_are_taken_at_each_batch(steps):
    glance = Glance(lambda: None)

    looks = [step / steps for step in range(1, steps) if glance.is_due(0, step / steps)]

    assert len(looks) <= 2
    assert all(share >= 0.5 for share in looks)
    assert glance.is_due(4, 0.6)  # the next batch is looked at as well


def test_a_quick_drawing_is_looked_at_once_and_a_slow_one_twice(monkeypatch):
    clock = iter([0.0, 0.0, 0.3, 10.0, 10.0])
    monkeypatch.setattr("generation.rendering.glancing.time.monotonic", lambda: next(clock))
    glance = Glance(lambda: None)

    assert [glance.is_due(0, share) for share in (0.4, 0.5, 0.8, 0.9)] == [False, True, False, True]


def test_what_is_seen_is_withdrawn_and_never_shown_again(sees, done):
    sees(0)
    withdrawn = []
    glance = Glance(lambda: withdrawn.append(True))
    strip = preview.encode([RED, BLUE])

    assert glance.shown(strip, range(2), 0.25) == strip  # nobody has looked yet
    glance.shown(strip, range(2), 0.5)
    done()
    later = [colours(glance.shown(strip, range(2), share), 2) for share in (0.6, 0.9)]
    done()

    assert withdrawn == [True]
    assert all(is_grey(first) and second[2] > 200 for first, second in later)


def test_nothing_is_withdrawn_after_the_end(sees, done):
    sees(0)
    withdrawn = []
    glance = Glance(lambda: withdrawn.append(True))

    glance.end()
    glance.shown(preview.encode([RED]), range(1), 0.9)
    done()

    assert not withdrawn


def test_without_the_output_check_nobody_looks(settings):
    settings.OUTPUT_CHECK = False

    assert not Glance(lambda: None).is_due(0, 0.9)


@pytest.fixture
def said(monkeypatch):
    heard = []
    monkeypatch.setattr(herald, "say", lambda job_id, **state: heard.append(state))
    return heard


def shown(said):
    """Colours in the middle of the previews that were published, in order."""
    return [colours(state["preview"], 1)[0] for state in said if state["preview"]]


@pytest.mark.django_db
@pytest.mark.engine
@pytest.mark.parametrize(("alarm", "is_covered"), [(-0.01, True), (0.5, False)])
def test_the_last_preview_of_a_job_is_grey_when_the_real_detector_fires(
    starter, said, done, monkeypatch, alarm, is_covered
):
    monkeypatch.setattr(output_check, "ALARM", alarm)
    job = JobFactory(version=starter, steps=20)
    end = Glance.end
    monkeypatch.setattr(Glance, "end", lambda self: (done(), end(self)))

    jobs.run_next()

    previews = shown(said)
    assert not is_grey(previews[0]) or len(previews) < 4
    assert is_grey(previews[-1]) == is_covered
    assert Job.objects.get(pk=job.pk).results.get().picture.verdict


@pytest.mark.django_db
@pytest.mark.engine
def test_the_real_detectors_let_what_the_starter_draws_be_shown(weights, starter_samples):
    assert not any(output_check.glance(picture, weights) for picture in starter_samples)


@pytest.fixture
def weights(settings):
    return settings.WEIGHTS_DIR


@pytest.fixture
def starter_samples():
    from models_hub.services import STARTERS

    found = [path for path in STARTERS.rglob("*") if path.suffix in {".webp", ".png", ".jpg"}]
    assert found
    small = [Image.open(path).convert("RGB").resize((128, 128)) for path in found]
    return [Image.open(io.BytesIO(preview.encode([one]))) for one in small]


def test_a_missing_detector_is_replaced_by_the_bundled_one(tmp_path):
    assert output_check.glance(BLUE, tmp_path) is False
