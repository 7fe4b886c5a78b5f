"""Uploaded pictures, decoded under limits: nothing uploaded is trusted."""

import contextlib
import io
import threading

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from visionary.common.exceptions import DomainError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
MAX_BYTES = 20 * 1024 * 1024
# A decoded picture takes 4 bytes a pixel; phones make 12 to 50 megapixels.
MAX_PIXELS = 50_000_000
MIN_SIDE, MAX_SIDE = 16, 16_384
# What is kept: twice what any model here draws.
KEEP_SIDE = 2048
# A mask whose lightest point is darker than this marks nothing.
LEAST_WHITE = 16
# While it is made plain, a picture of MAX_PIXELS takes most of a gigabyte: each process has room for one.
ROOM = threading.Lock()
# More than one honest picture takes; who waits longer holds a thread that others need.
MOST_WAIT = 10  # seconds


class NoPicture(DomainError):
    code = "bad_picture"


class Busy(DomainError):
    code = "busy"
    status = 503


@contextlib.contextmanager
def room():
    """The one place for a picture of this process. Raises Busy after MOST_WAIT."""
    if not ROOM.acquire(timeout=MOST_WAIT):
        sentence = _("The site is too busy to save or read this just now. Nothing is lost; try again in a moment.")
        raise Busy(sentence, retry_after=MOST_WAIT)
    try:
        yield
    finally:
        ROOM.release()


def picture(data):
    """RGB picture of hostile `data` (bytes), upright, on white, at most KEEP_SIDE. Raises NoPicture, Busy."""
    with room():
        return small(flat(opened(data), "white"), Image.Resampling.LANCZOS)


def mask(data, size=None):
    """A mask ("L", white is drawn anew) of hostile `data`, `size` large when given. Raises NoPicture, Busy."""
    with room():
        image = flat(opened(data, "mask"), "black").convert("L")
        image = image.resize(size, Image.Resampling.NEAREST) if size else small(image, Image.Resampling.NEAREST)
    if image.getextrema()[1] < LEAST_WHITE:
        raise NoPicture(_("Mask: paint the part to draw anew."), code="required", field="mask")
    return image


def opened(data, field="source"):
    """The first frame, decoded and turned upright."""
    if not data:
        raise NoPicture(_("File: choose a picture."), code="required", field="file")
    if len(data) > MAX_BYTES:
        raise too_big()
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        check_size(image)
        # JPEG can be decoded at a fraction of its size at once.
        image.draft("RGB", (KEEP_SIDE, KEEP_SIDE))
        image.seek(0)
        image.load()
        return upright(image)
    except DomainError:
        raise
    except Exception as error:  # decoders fail in every way there is over a broken file
        message = _("File: this is not a picture that can be read. Use PNG, JPEG, WebP, GIF or BMP.")
        raise NoPicture(message, field="file") from error


def too_big():
    message = _("File: use a picture of at most %(most)d MB.")
    return NoPicture(message % {"most": MAX_BYTES // 1024 // 1024}, code="too_big", field="file", status=413)


def check_size(image):
    """Before anything is decoded: a few kilobytes can claim to be gigapixels."""
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        message = _("File: the picture is %(width)d × %(height)d; use one of at most %(most)d megapixels.")
        numbers = {"width": image.width, "height": image.height, "most": MAX_PIXELS // 1_000_000}
        raise NoPicture(message % numbers, code="too_big", field="file")
    if min(image.size) < MIN_SIDE:
        message = _("File: the picture is too small; each side must have at least %(least)d pixels.")
        raise NoPicture(message % {"least": MIN_SIDE}, field="file")


def upright(image):
    """Turned as its EXIF data say; broken EXIF data turn nothing."""
    with contextlib.suppress(Exception):  # the picture is whole, only its EXIF data are not
        # In place: a copy would take as much again.
        ImageOps.exif_transpose(image, in_place=True)
    return image


def flat(image, ground):
    """RGB without transparency or metadata, on `ground`."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a channel: the upper 8 are kept.
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
        below = Image.new("RGBA", image.size, ground)
        image = Image.alpha_composite(below, image)
    plain = image.convert("RGB")
    return Image.frombytes("RGB", plain.size, plain.tobytes())


def small(image, resampling):
    scale = KEEP_SIDE / max(image.size)
    if scale >= 1:
        return image
    return image.resize(tuple(max(1, round(side * scale)) for side in image.size), resampling)
