"""Where people's joints are, by MediaPipe's two networks: one finds people, one their 33 points.

The .tflite files come out of the package mediapipe, which is not installed (it wants numpy 1); the optional
package ai-edge-litert runs them. The steps between the networks follow MediaPipe's pose_landmark_cpu graph.
"""

from dataclasses import dataclass
from functools import lru_cache

from generation.engine import weights
from generation.engine.errors import MissingWeights, NothingFound

from . import skeleton

WEIGHT = "pose"
FIND_SIDE, POINT_SIDE = 224, 256  # pixels the networks see
FIND_SCORE, POINT_SCORE, SEEN = 0.5, 0.5, 0.5  # MediaPipe's thresholds
OVERLAP = 0.3  # of two boxes, above which they are the same person
ROOM = 1.25  # how much wider than the found circle the second network looks
MOST_PEOPLE = 8
# Cells a side and anchors in each, of the finding network's output.
ANCHORS = ((28, 2), (14, 2), (7, 6))


@dataclass(frozen=True)
class Person:
    """Found in the picture: middle of the hips and a point on the circle around the body (pixels), and a box."""

    score: float
    middle: tuple[float, float]
    rim: tuple[float, float]
    box: tuple[float, float, float, float]


def draw(image, weights_dir):
    """Skeletons of the people in an RGB picture, on black. Raises MissingWeights, BadChecksum, NothingFound."""
    finder, pointer = _networks(*map(str, weights.check(weights.WEIGHTS[WEIGHT], weights_dir)))
    found = [_points(pointer, image, person) for person in _people(finder, image)]
    bodies = [points for points in found if points and skeleton.is_drawable(points)]
    if not bodies:
        raise NothingFound()
    return skeleton.draw(image.size, bodies)


@lru_cache(maxsize=1)
def _networks(*paths):
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        remedy = "Run: pip install ai-edge-litert"
        raise MissingWeights(file="ai-edge-litert", remedy=remedy) from None
    networks = []
    for path in paths:
        networks.append(Interpreter(path, num_threads=1))
        networks[-1].allocate_tensors()
    return networks


def _run(network, picture, low):
    """Outputs {size of the last axes: array} of a network that wants numbers from `low` to 1."""
    import numpy

    numbers = numpy.asarray(picture, numpy.float32)[None] / 255 * (1 - low) + low
    network.set_tensor(network.get_input_details()[0]["index"], numbers.astype(numpy.float32))
    network.invoke()
    return [network.get_tensor(detail["index"]) for detail in network.get_output_details()]


def _people(finder, image):
    """Person of everybody in the picture, the most certain first."""
    import numpy
    from PIL import ImageOps

    side = max(image.size)
    square = ImageOps.pad(image, (FIND_SIDE, FIND_SIDE))
    outputs = {array.shape[-1]: array[0] for array in _run(finder, square, low=-1)}
    scores = 1 / (1 + numpy.exp(-outputs[1][:, 0].clip(-60, 60)))
    # Box middle and size, then four points, of which hips and rim are wanted; all measured from the anchor.
    places = outputs[12].reshape(-1, 6, 2) / FIND_SIDE
    places[:, [0, 2, 3, 4, 5]] += _anchors()[:, None]
    margin = (numpy.array(image.size) - side) / 2
    people = []
    for number in numpy.flatnonzero(scores > FIND_SCORE):
        centre, size, middle, rim = places[number][:4] * side
        low, high = centre - size / 2 + margin, centre + size / 2 + margin
        person = Person(float(scores[number]), tuple(middle + margin), tuple(rim + margin), (*low, *high))
        people.append(person)
    return _distinct(sorted(people, key=lambda person: -person.score))[:MOST_PEOPLE]


@lru_cache(maxsize=1)
def _anchors():
    """Middles of the anchors, (2254, 2) in 0..1."""
    import numpy

    middles = []
    for cells, each in ANCHORS:
        across = (numpy.arange(cells) + 0.5) / cells
        grid = numpy.stack(numpy.meshgrid(across, across), -1).reshape(-1, 1, 2)
        middles.append(numpy.repeat(grid, each, 1).reshape(-1, 2))
    return numpy.concatenate(middles).astype("float32")


def _distinct(people):
    kept: list[Person] = []
    for person in people:
        if all(_overlap(person.box, other.box) <= OVERLAP for other in kept):
            kept.append(person)
    return kept


def _overlap(one, other):
    """Shared area of two boxes by their joint area."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared) if areas > shared else 0.0


def _points(pointer, image, person):
    """33 points (x, y in pixels, whether seen), or None when a closer look finds nobody."""
    import numpy
    from PIL import Image

    to_picture = _crop(person)
    crop = image.transform(
        (POINT_SIDE, POINT_SIDE), Image.Transform.AFFINE, tuple(to_picture.ravel()), Image.Resampling.BILINEAR
    )
    outputs = _run(pointer, crop, low=0)
    table = next(array for array in outputs if array.shape[-1] == 195).reshape(39, 5)[:33]
    score = next(array for array in outputs if array.size == 1).item()
    if score < POINT_SCORE:
        return None
    xy = numpy.column_stack([table[:, :2], numpy.ones(33)]) @ to_picture.T
    sure = 1 / (1 + numpy.exp(-table[:, 3:5].min(-1)))
    inside = ((xy >= 0) & (xy < image.size)).all(-1)
    return [(float(x), float(y), bool(seen)) for (x, y), seen in zip(xy, (sure > SEEN) & inside, strict=True)]


def _crop(person):
    """(2, 3) matrix from pixels of an upright square around the person to pixels of the picture."""
    import numpy

    middle, rim = numpy.array(person.middle), numpy.array(person.rim)
    # The rim lies above the head of somebody upright; the square is turned with the body.
    up = rim - middle
    reach = max(float(numpy.hypot(*up)), 1.0)
    down = -up / reach
    right = numpy.array([down[1], -down[0]])
    scale = 2 * reach * ROOM / POINT_SIDE
    axes = numpy.column_stack([right, down]) * scale
    return numpy.column_stack([axes, middle - axes @ numpy.full(2, POINT_SIDE / 2)])
