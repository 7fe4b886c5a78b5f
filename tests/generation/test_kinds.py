"""Every kind of job, drawn for real by the starter checkpoint."""

import pytest
from PIL import Image, ImageDraw

from generation import services
from generation.models import Job, Source
from generation.rendering import jobs
from generation.scheduling import leases
from tests.factories import UserFactory
from tests.generation.drawn import source_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def owner():
    return UserFactory()


def drawn(owner, version, **asked):
    """The picture (PIL) of a job that a worker has drawn."""
    job = services.submit_job(owner=owner, version=version, **{"prompt": "a red apple", "upscale": 1, **asked})
    jobs.run([leases.claim_next("test")])
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.failure
    with Image.open(job.results.get().picture.path) as image:
        return image.convert("RGB")


def left_half(source):
    """A mask of the left half of `source`."""
    image = Image.new("L", (source.width, source.height), 0)
    ImageDraw.Draw(image).rectangle((0, 0, source.width // 2, source.height), 255)
    mask = source_of(source.owner, role="mask", colour="white")
    image.save(mask.path)
    Source.objects.filter(pk=mask.pk).update(width=source.width, height=source.height)
    return mask


def test_a_picture_is_made_from_another_one(starter, owner):
    source = source_of(owner, size=(128, 128), colour="green")

    near = drawn(owner, starter, source=source, strength=0.3, seed=1)
    far = drawn(owner, starter, source=source, strength=1.0, seed=1)

    assert near.size == (128, 128)
    assert near.tobytes() != far.tobytes()


def test_inpainting_leaves_what_is_not_masked(starter, owner):
    source = source_of(owner, size=(128, 128), colour="green")

    picture = drawn(owner, starter, source=source, mask=left_half(source), mask_blur=0, seed=1)

    assert picture.getpixel((120, 64)) == (0, 128, 0)
    assert picture.crop((0, 0, 48, 128)).getextrema() != ((0, 0), (128, 128), (0, 0))


def test_outpainting_keeps_the_source_in_its_place(starter, owner):
    source = source_of(owner, size=(128, 128), colour="green")

    picture = drawn(owner, starter, kind="outpaint", source=source, outpaint={"right": 64}, seed=1)

    assert picture.size == (192, 128)
    assert picture.getpixel((32, 64)) == (0, 128, 0)
