"""Canny's edges in numpy: thin white lines on black. OpenCV would be faster and is no dependency."""

BLUR = 1.0  # pixels; camera noise would otherwise be lines
# Slopes of brightness (0..255 a channel, by Sobel's masks), chosen by eye on photographs. The 100 and 200 of
# ControlNet's Canny are for pictures that were not blurred, and leave out what is dim.
WEAK, STRONG = 50.0, 120.0


def draw(image, weights_dir=None):
    """Edges of an RGB picture. `weights_dir` is not needed."""
    import numpy
    from PIL import Image, ImageFilter

    softened = image.filter(ImageFilter.GaussianBlur(BLUR))
    strength, across, down = _slopes(numpy.asarray(softened, numpy.float32))
    ridges = strength * _is_ridge(strength, across, down)
    lines = _connected(ridges >= WEAK, ridges >= STRONG)
    return Image.fromarray((lines * 255).astype(numpy.uint8)).convert("RGB")


def _slopes(pixels):
    """(strength, across, down), each (h, w), of the channel that changes most."""
    import numpy

    p = numpy.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")
    across = (p[:-2, 2:] + 2 * p[1:-1, 2:] + p[2:, 2:]) - (p[:-2, :-2] + 2 * p[1:-1, :-2] + p[2:, :-2])
    down = (p[2:, :-2] + 2 * p[2:, 1:-1] + p[2:, 2:]) - (p[:-2, :-2] + 2 * p[:-2, 1:-1] + p[:-2, 2:])
    strength = numpy.hypot(across, down)
    most = strength.argmax(-1)[..., None]
    return tuple(numpy.take_along_axis(values, most, -1)[..., 0] for values in (strength, across, down))


def _is_ridge(strength, across, down):
    """Where the strength is greatest along its own direction, which is taken to the nearest of four."""
    import numpy

    height, width = strength.shape
    p = numpy.pad(strength, 1)
    octant = numpy.round(numpy.arctan2(down, across) / (numpy.pi / 4)).astype(int) % 4
    ridge = numpy.zeros(strength.shape, bool)
    for number, (dy, dx) in enumerate(((0, 1), (1, 1), (1, 0), (1, -1))):
        before = p[1 - dy : 1 - dy + height, 1 - dx : 1 - dx + width]
        after = p[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
        # One sided: of two equal neighbours one stays.
        ridge |= (octant == number) & (strength > before) & (strength >= after)
    return ridge


def _connected(weak, strong):
    """The weak pixels that hang together with a strong one."""
    import numpy

    height, width = weak.shape
    reached, front = strong.copy(), numpy.flatnonzero(strong)
    while front.size:
        y, x = numpy.divmod(front, width)
        near = [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        ys, xs = numpy.concatenate([one for one, _ in near]), numpy.concatenate([one for _, one in near])
        inside = (ys >= 0) & (ys < height) & (xs >= 0) & (xs < width)
        places = numpy.unique(ys[inside] * width + xs[inside])
        front = places[weak.flat[places] & ~reached.flat[places]]
        reached.flat[front] = True
    return reached
