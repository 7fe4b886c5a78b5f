"""What is uploaded is hostile until it has been decoded and written anew."""

import io
import struct
import zlib
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image

from gallery.models import Picture
from generation import services
from generation.asking import sources
from generation.models import Source
from tests.factories import JobFactory, ModelVersionFactory, PictureFactory, UserFactory
from tests.generation.drawn import png, source_of, with_file
from visionary.common import decoding
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


def refusal(**asked):
    with pytest.raises(DomainError) as refused:
        sources.store_source(**asked)
    assert str(refused.value)
    return refused.value


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_every_usual_format_becomes_a_png(owner, form):
    source = sources.store_source(owner=owner, data=png(format=form))

    with Image.open(source.path) as kept:
        assert (kept.format, kept.size, kept.mode) == ("PNG", (64, 48), "RGB")
    assert (source.width, source.height) == (64, 48)


def test_the_first_frame_of_an_animation_is_taken(owner):
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])

    source = sources.store_source(owner=owner, data=buffer.getvalue())

    assert Image.open(source.path).getpixel((5, 5)) == (255, 0, 0)


def test_a_photo_is_turned_upright_and_loses_its_metadata(owner):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"  # rotate by 90 degrees; a description

    source = sources.store_source(owner=owner, data=png(format="JPEG", exif=exif))

    with Image.open(source.path) as kept:
        assert kept.size == (48, 64)
        assert not kept.getexif()
    assert b"taken at home" not in source.path.read_bytes()


def test_what_is_transparent_becomes_white(owner):
    source = source_of(owner, mode="RGBA", colour=(255, 0, 0, 0))

    assert Image.open(source.path).getpixel((0, 0)) == (255, 255, 255)


def claimed(width, height):
    """A PNG of a few bytes that says it is `width` x `height`."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"GIF89a",
        png()[:60],
        png(format="JPEG")[:-200],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        png(format="TIFF"),
        png(format="ICO"),
        claimed(100_000, 100_000),
        claimed(20_000, 20),
        claimed(2**31 - 1, 2**31 - 1),
        png(size=(4, 4)),
    ],
)
def test_what_is_no_picture_or_claims_too_much_is_refused(owner, data):
    assert refusal(owner=owner, data=data).field == "file"
    assert not Source.objects.exists()


def test_more_bytes_than_allowed_are_refused(owner, monkeypatch):
    monkeypatch.setattr(decoding, "MAX_BYTES", 50)

    assert refusal(owner=owner, data=png()).status == 413


def test_a_huge_picture_is_kept_smaller(owner):
    source = source_of(owner, size=(4096, 1024))

    assert (source.width, source.height) == (2048, 512)


def test_the_same_content_is_kept_once_for_each_owner(owner):
    first, again, other = source_of(owner), source_of(owner, format="BMP"), source_of(UserFactory())

    assert first == again
    assert other != first
    assert Source.objects.count() == 2


def test_a_mask_is_grey_and_as_large_as_its_source(owner):
    like = source_of(owner, size=(100, 80))

    mask = sources.store_source(owner=owner, data=png(size=(50, 40), colour="white"), role="mask", like=like)

    with Image.open(mask.path) as kept:
        assert (kept.mode, kept.size) == ("L", (100, 80))


@pytest.mark.parametrize("drawn", [{"colour": "black"}, {"mode": "RGBA", "colour": (255, 255, 255, 0)}])
def test_a_mask_that_marks_nothing_is_refused(owner, drawn):
    refused = refusal(owner=owner, data=png(**drawn), role="mask")

    assert (refused.field, str(refused)) == ("mask", "Mask: paint the part to draw anew.")


def test_an_unknown_role_is_refused(owner):
    assert refusal(owner=owner, data=png(), role="other").field == "role"


@pytest.mark.parametrize(
    ("fields", "is_allowed"),
    [
        ({"visibility": "public"}, True),
        ({"visibility": "unlisted"}, True),
        ({"visibility": "private"}, False),
        ({"visibility": "public", "is_hidden": True}, False),
        ({"visibility": "public", "may_be_reused": False}, False),
        ({"visibility": "public", "deleted_at": timezone.now()}, False),
    ],
)
def test_others_pictures_are_taken_only_as_their_owner_allows(owner, fields, is_allowed):
    picture = with_file(PictureFactory(**fields))

    if is_allowed:
        assert sources.store_source(owner=owner, picture=picture).picture == picture
    else:
        assert refusal(owner=owner, picture=picture).code in {"bad_source", "not_reusable"}


def test_ones_own_picture_may_always_be_started_from(owner):
    picture = with_file(PictureFactory(owner=owner, may_be_reused=False))

    assert sources.store_source(owner=owner, picture=picture).picture == picture


def test_old_unused_sources_are_cleared_with_their_files(owner, django_capture_on_commit_callbacks):
    old, needed, fresh = (source_of(owner, colour=colour) for colour in ("red", "green", "blue"))
    JobFactory(owner=owner, source=needed)
    long_ago = timezone.now() - sources.KEEP - timedelta(days=1)
    Source.objects.exclude(pk=fresh.pk).update(used_at=long_ago)

    with django_capture_on_commit_callbacks(execute=True):
        sources.clear()

    assert set(Source.objects.all()) == {needed, fresh}
    assert [one.path.exists() for one in (old, needed, fresh)] == [False, True, True]


def test_beyond_the_quota_the_least_recently_used_goes(owner, monkeypatch):
    monkeypatch.setattr(sources, "MAX_SOURCES", 2)
    first = source_of(owner, colour="red")
    second = source_of(owner, colour="green")
    source_of(owner, colour="red")  # used again

    source_of(owner, colour="blue")

    assert not Source.objects.filter(pk=second.pk).exists()
    assert Source.objects.filter(pk=first.pk).exists()


def test_a_quota_full_of_sources_in_use_is_told(owner, monkeypatch):
    monkeypatch.setattr(sources, "MAX_SOURCES", 1)
    JobFactory(owner=owner, source=source_of(owner))

    assert refusal(owner=owner, data=png(colour="blue")).code == "too_many_sources"
    assert Source.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("guest", 401), ("owner", 201), ("other", 201)])
def test_uploading_needs_an_account(client, owner, who, status):
    if who != "guest":
        client.force_login(owner if who == "owner" else UserFactory())

    answer = client.post("/generate/sources/", {"file": io.BytesIO(png())})

    assert answer.status_code == status
    assert ("id" in answer.json()) == (status == 201)


@pytest.mark.parametrize(("who", "status"), [("guest", 302), ("owner", 200), ("other", 404), ("staff", 404)])
def test_a_source_is_shown_to_its_owner_alone(client, owner, who, status):
    source = source_of(owner)
    people = {"owner": owner, "other": UserFactory(), "staff": UserFactory(is_staff=True, is_superuser=True)}
    if who in people:
        client.force_login(people[who])

    assert client.get(source.get_absolute_url()).status_code == status


def test_uploading_needs_the_csrf_token(owner, settings):
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner)

    assert browser.post("/generate/sources/", {"file": io.BytesIO(png())}).status_code == 403


@pytest.mark.parametrize("taken", [{"is_blocked": True}, {"is_hidden": True}])
def test_a_copy_of_a_picture_that_was_taken_away_is_gone_too(client, owner, taken):
    picture = with_file(PictureFactory(visibility="public"))
    source = sources.store_source(owner=owner, picture=picture)
    Picture.objects.filter(pk=picture.pk).update(**taken)
    client.force_login(owner)

    assert client.get(source.get_absolute_url()).status_code == 404
    with pytest.raises(DomainError) as refusal:
        services.submit_job(owner=owner, version=ModelVersionFactory(), prompt="a cat", source=source)
    assert refusal.value.code == "gone"


def test_a_copy_that_its_author_does_not_allow_any_more_is_not_started_from(owner):
    picture = with_file(PictureFactory(visibility="public"))
    source = sources.store_source(owner=owner, picture=picture)
    Picture.objects.filter(pk=picture.pk).update(may_be_reused=False)
    source = Source.objects.get(pk=source.pk)

    with pytest.raises(DomainError) as refusal:
        services.submit_job(owner=owner, version=ModelVersionFactory(), prompt="a cat", source=source)

    assert refusal.value.code == "not_reusable"


def test_pictures_are_decoded_one_at_a_time(owner, monkeypatch):
    seen = []
    flat = decoding.flat
    monkeypatch.setattr(decoding, "flat", lambda *args: seen.append(decoding.ROOM.locked()) or flat(*args))

    source_of(owner)
    source_of(owner, role="mask", colour="white")

    assert seen == [True, True]
    assert not decoding.ROOM.locked()


def test_who_waits_too_long_for_room_is_told_to_try_again(monkeypatch):
    monkeypatch.setattr(decoding, "MOST_WAIT", 0)

    with decoding.room(), pytest.raises(decoding.Busy) as refusal:
        decoding.picture(b"x")

    assert (refusal.value.status, decoding.ROOM.locked()) == (503, False)
