"""Pictures as bytes, for tests of sources."""

import io

from PIL import Image

from generation.asking import sources


def png(size=(64, 48), colour="red", mode="RGB", format="PNG", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, colour).save(buffer, format, **options)
    return buffer.getvalue()


def with_file(picture, **drawn):
    """`picture` with a file of its own."""
    picture.path.parent.mkdir(parents=True, exist_ok=True)
    picture.path.write_bytes(png(**drawn))
    return picture


def source_of(owner, role="source", **drawn):
    return sources.store_source(owner=owner, data=png(**drawn), role=role)


def named_file(data, name="a.png"):
    """`data` as a browser sends a file."""
    file = io.BytesIO(data)
    file.name = name
    return file
