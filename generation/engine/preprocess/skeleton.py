"""The coloured stick figure that pose ControlNets were trained with: OpenPose's 18 points and 17 limbs."""

import math

# MediaPipe's number of each of OpenPose's points; the neck (None) is midway between the shoulders.
NECK_OF = (11, 12)
POINTS = (0, None, 12, 14, 16, 11, 13, 15, 24, 26, 28, 23, 25, 27, 5, 2, 8, 7)
# OpenPose's own order and colours (util.draw_bodypose of ControlNet).
LIMBS = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10),
    (1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip
COLOURS = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip
LIMB_LIGHT = 0.6
STICK, TRAINED_SIDE = 4, 512  # half the width of a limb, in pixels of a picture of that size
FINER = 2  # drawn larger and shrunk, for smooth lines


def is_drawable(points):
    """Whether at least one limb of the 33 points can be seen."""
    body = _body(points)
    return any(body[start] and body[end] for start, end in LIMBS)


def draw(size, bodies):
    """A black RGB picture of `size` with a skeleton for each body (33 points, each x, y, whether seen)."""
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (size[0] * FINER, size[1] * FINER))
    pen = ImageDraw.Draw(canvas)
    stick = max(1.0, STICK * min(size) / TRAINED_SIDE) * FINER
    for points in bodies:
        body = [point and (point[0] * FINER, point[1] * FINER) for point in _body(points)]
        for (start, end), colour in zip(LIMBS, COLOURS, strict=False):
            if body[start] and body[end]:
                dimmed = tuple(int(light * LIMB_LIGHT) for light in colour)
                pen.polygon(_limb(body[start], body[end], stick), fill=dimmed)
        for point, colour in zip(body, COLOURS, strict=True):
            if point:
                x, y = point
                pen.ellipse((x - stick, y - stick, x + stick, y + stick), fill=colour)
    return canvas.resize(size, Image.Resampling.LANCZOS)


def _body(points):
    """OpenPose's 18 points, (x, y) or None for what is not seen."""
    seen = [(x, y) if is_seen else None for x, y, is_seen in points]
    left, right = (seen[number] for number in NECK_OF)
    neck = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2) if left and right else None
    return [neck if number is None else seen[number] for number in POINTS]


def _limb(start, end, stick, corners=36):
    """A long ellipse from one joint to the next."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    along = math.hypot(end[0] - start[0], end[1] - start[1]) / 2
    turn = math.atan2(end[1] - start[1], end[0] - start[0])
    outline = []
    for corner in range(corners):
        angle = 2 * math.pi * corner / corners
        x, y = along * math.cos(angle), stick * math.sin(angle)
        outline.append(
            (
                middle[0] + x * math.cos(turn) - y * math.sin(turn),
                middle[1] + x * math.sin(turn) + y * math.cos(turn),
            )
        )
    return outline
