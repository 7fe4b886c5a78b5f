"""Previews: small WebP copies of a picture, so that no grid ever loads an original."""

import io

from PIL import Image

from gallery.models import PREVIEW_WIDTHS
from visionary.common.files import Stage

# Quality 80, method 4: measured the best of size and time among WebP, JPEG and AVIF settings.
QUALITY, METHOD = 80, 4


def make(picture):
    """Write the previews of `picture` beside its file and return their widths (pixels)."""
    stage = Stage()
    with Image.open(picture.path) as image:
        image.load()
        for width in PREVIEW_WIDTHS:
            stage.write(picture.preview_path(width), webp(image, width))
    stage.carry_out()
    return list(PREVIEW_WIDTHS)


def webp(image, width):
    """`image` at most `width` pixels wide, as WebP bytes; never enlarged."""
    width = min(width, image.width)
    small = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    return buffer.getvalue()
