"""Makes plain WebP of a picture that nobody trusts: `python portrait_child.py WIDTHxHEIGHT ... < picture > answer`

A program of its own, without Django, so that the memory and the time that a hostile file may cost are limited by the
kernel, and so that a decoder that crashes takes nothing with it. For each size asked for it answers with one WebP that
covers it (never enlarged): no metadata, one frame, upright. The answer is a line of JSON, {"sizes": [bytes, ...]} or
{"error": code, ...}, and then the pictures.
"""

import contextlib
import io
import json
import resource
import sys

FORMATS = ("JPEG", "PNG", "WEBP")
# Phones make 12 to 50 megapixels.
MAX_PIXELS, MAX_SIDE, MIN_SIDE = 50_000_000, 16_384, 32
MEMORY, SECONDS = 1536 * 1024 * 1024, 10
QUALITY, METHOD = 82, 4
# A side may be this many times what is asked: what a band cut from the middle never shows need not be sent.
SPARE = 3


class Refused(Exception):
    """What the site tells the sender, as a code and numbers."""


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # Nothing is written to disk, whatever a decoder is talked into.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def opened(data, room):
    """RGB picture, upright, on white; JPEG is decoded at the fraction that `room` needs."""
    from PIL import Image, ImageOps

    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.format == "MPO":
        # Many phones append a second picture to a JPEG; only the first is looked at, by JPEG's own reader.
        from PIL.JpegImagePlugin import JpegImageFile

        image = JpegImageFile(io.BytesIO(data))
    if image.format not in FORMATS:
        raise Refused({"error": "format"})
    check(image)
    image.draft("RGB", room)
    image.load()
    with contextlib.suppress(Exception):  # the picture is whole, only its EXIF data are not
        ImageOps.exif_transpose(image, in_place=True)
    return flat(image)


def flat(image):
    """RGB on white, and nothing of what else the file carried: no profile, no comment."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a channel: the upper 8 are kept.
        image = image.convert("I").point(lambda value: value / 257).convert("L")
    if image.mode in {"LA", "PA", "RGBA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.info = {}
    return image


def check(image):
    if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise Refused({"error": "too_big", "width": image.width, "height": image.height})
    if min(image.size) < MIN_SIDE:
        raise Refused({"error": "too_small", "least": MIN_SIDE})


def covering(image, width, height):
    """WebP of `image`, so small that it just covers width x height, cut where it is far longer than that."""
    from PIL import ImageOps

    most = (min(image.width, SPARE * max(width, height)), min(image.height, SPARE * max(width, height)))
    scale = min(1, max(width / image.width, height / image.height))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = image.resize(size, 1)  # Lanczos
    small = ImageOps.fit(small, (min(size[0], most[0]), min(size[1], most[1])))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    return buffer.getvalue()


def answer(data, sizes):
    try:
        image = opened(data, sizes[-1])
        return [covering(image, *size) for size in sizes], {}
    except Refused as refusal:
        return [], refusal.args[0]
    except Exception:  # decoders fail in every way there is over a broken file
        return [], {"error": "broken"}


def main(arguments):
    limit()
    sizes = [tuple(map(int, size.split("x"))) for size in arguments]
    pictures, error = answer(sys.stdin.buffer.read(), sizes)
    head = error or {"sizes": [len(picture) for picture in pictures]}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(pictures))


if __name__ == "__main__":
    main(sys.argv[1:])
