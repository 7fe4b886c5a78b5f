"""The blur that holds a picture's place until its preview has come: a few hundred bytes inside the page."""

import base64
import io

from PIL import Image

LONGEST_SIDE = 16  # pixels


def data_url(image):
    """A tiny WebP of `image` as a data: address."""
    small = image.convert("RGB")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=40, method=4)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
