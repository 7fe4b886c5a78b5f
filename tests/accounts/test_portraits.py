"""Avatars and covers: nothing of the file as it came is kept or shown."""

import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from accounts import portraits
from accounts.models import Profile
from tests.factories import UserFactory


@pytest.fixture
def anna(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return UserFactory(username="anna")


def data(kind="JPEG", size=(900, 600), mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, 128).save(buffer, kind, **options)
    return buffer.getvalue()


def send(client, content, which="avatar", name="me.jpg", **more):
    given = {"which": which, "file": SimpleUploadedFile(name, content), **more}
    return client.post("/settings/profile/picture/", given, follow=True).content.decode()


def stored(root):
    return [path for path in root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("which", "widths"), [("avatar", {144, 480}), ("cover", {800, 900})])
def test_a_picture_is_written_anew_in_two_sizes(client, anna, settings, kind, which, widths):
    client.force_login(anna)

    send(client, data(kind), which)

    files = stored(settings.MEDIA_ROOT)
    assert {Image.open(path).format for path in files} == {"WEBP"}
    assert {Image.open(path).width for path in files} == widths
    for path in files:
        address = f"/{which}s/{path.name}"
        assert client.get(address)["Content-Type"] == "image/webp"


def test_where_and_with_what_a_photo_was_taken_is_gone(anna):
    exif = Image.Exif()
    exif[0x010F] = "CANARY-CAMERA"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 5.0)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "CANARY-TEXT")
    sources = [
        data("JPEG", exif=exif, comment=b"CANARY-COMMENT", icc_profile=b"CANARY-PROFILE" * 20),
        data("PNG", pnginfo=text, exif=exif),
        data("WEBP", exif=exif, xmp=b"CANARY-XMP"),
    ]

    for source in sources:
        assert b"CANARY" in source
        for made in portraits.made(source + b"CANARY-TAIL", portraits.SIZES["avatar"]):
            assert b"CANARY" not in made
            assert not Image.open(io.BytesIO(made)).getexif()


def test_a_photo_is_turned_upright(anna):
    exif = Image.Exif()
    exif[0x0112] = 6

    made = portraits.made(data(size=(800, 400), exif=exif), [(100, 100)])

    assert Image.open(io.BytesIO(made[0])).size == (100, 200)


def bomb():
    """A PNG of 100 bytes that claims 50,000 x 50,000."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in chunks)


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HOSTILE = {
    "empty": b"",
    "text": b"<html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "gif": data("GIF", mode="L"),
    "bmp": data("BMP"),
    "tiff": data("TIFF"),
    "cut short": data()[:200],
    "bomb": bomb(),
    "tiny": data(size=(8, 8)),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_picture_of_ours_is_refused_with_a_sentence(client, anna, settings, what):
    client.force_login(anna)

    page = send(client, HOSTILE[what])

    assert "Picture: " in page or "The submitted file is empty" in page
    assert stored(settings.MEDIA_ROOT) == []
    assert Profile.objects.get().avatar == ""


@pytest.mark.parametrize("options", [{"mode": "I;16", "kind": "PNG"}, {"mode": "CMYK"}, {"mode": "LA", "kind": "PNG"}])
def test_unusual_pictures_are_taken(anna, options):
    assert len(portraits.made(data(**options), portraits.SIZES["avatar"])) == 2


def test_a_second_picture_behind_a_jpeg_is_never_read(anna):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])

    made = portraits.made(buffer.getvalue(), [(32, 32)])

    assert Image.open(io.BytesIO(made[0])).convert("RGB").getpixel((5, 5))[0] > 200


def test_a_new_avatar_takes_the_old_one_s_files_away(client, anna, settings, django_capture_on_commit_callbacks):
    for _n in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            name = portraits.replace(user=anna, which="avatar", data=data())

    assert {path.name.split(".")[0] for path in stored(settings.MEDIA_ROOT)} == {name.rpartition("/")[2]}
    with django_capture_on_commit_callbacks(execute=True):
        portraits.remove(user=anna, which="avatar")
    assert stored(settings.MEDIA_ROOT) == []


def test_a_focus_is_kept_and_used(client, anna):
    client.force_login(anna)
    send(client, data(), focus="top")

    assert "focus--top" in client.get("/u/anna/").content.decode()


@pytest.mark.parametrize("address", ["avatars/../../etc/passwd", "avatars/" + "0" * 32 + ".large.webp"])
def test_no_other_file_is_served(client, anna, address):
    assert client.get(f"/{address}").status_code == 404


def test_a_guest_changes_nothing(client, anna):
    response = client.post("/settings/profile/picture/", {"which": "avatar", "remove": "on"})

    assert response.url.startswith("/accounts/login/")


def test_the_decoder_is_told_no_secrets(tmp_path, monkeypatch):
    child = tmp_path / "child.py"
    child.write_text("import os; print(sorted(os.environ))")
    monkeypatch.setattr(portraits, "CHILD", child)
    monkeypatch.setenv("SECRET_KEY", "hush")

    assert b"SECRET_KEY" not in portraits.by_child(b"", [(8, 8)])
