"""A part of a source is a source of its own, with the same origin."""

import pytest
from PIL import Image

from generation.asking import sources
from generation.models import Source
from tests.factories import PictureFactory, UserFactory
from tests.generation.drawn import source_of, with_file
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


def box(left=10, top=4, width=32, height=40):
    return {"left": left, "top": top, "width": width, "height": height}


def test_a_part_is_cut_and_the_whole_stays(owner):
    whole = source_of(owner)

    part = sources.crop(source=whole, **box())

    with Image.open(part.path) as image:
        assert image.size == (part.width, part.height) == (32, 40)
    assert Source.objects.filter(pk=whole.pk).exists()


def test_the_same_part_twice_is_one_row(owner):
    whole = source_of(owner)

    assert sources.crop(source=whole, **box()) == sources.crop(source=whole, **box())


def test_a_part_remembers_the_picture_it_comes_from(owner):
    picture = with_file(PictureFactory(owner=owner))
    whole = sources.store_source(owner=owner, picture=picture)

    assert sources.crop(source=whole, **box()).picture == picture


@pytest.mark.parametrize(
    "part", [box(left=-1), box(top=-1), box(left=40), box(height=60), box(width=8), box(width=0), box(height=-5)]
)
def test_a_part_outside_the_picture_or_too_small_is_refused(owner, part):
    whole = source_of(owner)

    with pytest.raises(DomainError) as refused:
        sources.crop(source=whole, **part)

    assert str(refused.value).startswith("Crop: ")
    assert Source.objects.count() == 1


def test_a_source_whose_file_is_gone_is_refused(owner):
    whole = source_of(owner)
    whole.path.unlink()

    with pytest.raises(DomainError, match="gone"):
        sources.crop(source=whole, **box())
