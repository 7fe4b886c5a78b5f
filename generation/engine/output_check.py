"""Looks at a finished picture before anybody sees it: is it clean, for a moderator, or to block; is it one at all?

Two detectors of different origin look at it. Either alone raises false alarms (of 40 benign faces one of them flagged
13), so both must agree to block; one alone sends the picture to the moderators.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .detectors import mobilenet, opennsfw
from .errors import BadChecksum, MissingWeights

logger = logging.getLogger(__name__)

# Above this a detector counts as having seen something.
ALARM = 0.5
# A picture whose brightness spans less than this (of 255, without the outermost percent) shows nothing.
FLAT = 6
# Brightness of neighbours goes together in pictures (0.4 on a sheet of a hundred, else over 0.6), not in noise (0).
RELATED = 0.2
# Side in pixels at which defects are looked for: enlarged noise is still noise there.
GLANCE = 48


@dataclass(frozen=True)
class OutputVerdict:
    """`decision`: "clean", "review", "blocked"; `scores`: 0..1; `defect`: "", "blank", "one_colour", "noise"."""

    decision: str = "clean"
    scores: dict = field(default_factory=dict)
    defect: str = ""


def check(image, weights_dir):
    """The OutputVerdict of a PIL picture. A detector whose weights are missing is left out, and the log says so."""
    found = scores(image, weights_dir)
    alarms = sum(value > ALARM for value in found.values())
    decision = "blocked" if alarms > 1 else "review" if alarms else "clean"
    return OutputVerdict(decision, {name: round(value, 4) for name, value in found.items()}, defect(image))


def glance(image, weights_dir):
    """Whether a preview should rather not be shown, by the cheaper detector (25 ms against 35), or the one there is."""
    image = image.convert("RGB")
    try:
        return opennsfw.score(image, weights_dir) > ALARM
    except (MissingWeights, BadChecksum):
        classes = mobilenet.scores(image)
        return classes["porn"] + classes["hentai"] > ALARM


def scores(image, weights_dir):
    """{detector: how sure it is that the picture is not for everybody}."""
    # Read here: two threads must not decode one lazily opened file.
    image = image.convert("RGB")
    with ThreadPoolExecutor(1) as beside:
        second = beside.submit(opennsfw.score, image, weights_dir)
        classes = mobilenet.scores(image)
    found = {"nsfwjs": classes["porn"] + classes["hentai"]}
    try:
        found["opennsfw"] = second.result()
    except (MissingWeights, BadChecksum) as error:
        logger.warning("the output check has one detector only: %s", error)
    return found


def defect(image):
    """ "blank" (black or white), "one_colour", "noise", or "" for a picture."""
    import numpy as np
    from PIL import Image

    pixels = np.asarray(image.convert("RGB").resize((GLANCE, GLANCE), Image.Resampling.BOX), np.float32)
    low, high = np.percentile(pixels, (1, 99), axis=(0, 1))
    if (high - low).max() < FLAT:
        mean = pixels.mean((0, 1))
        return "blank" if mean.max() < FLAT or mean.min() > 255 - FLAT else "one_colour"
    grey = pixels.mean(2)
    pairs = (grey[:, :-1], grey[:, 1:]), (grey[:-1], grey[1:])
    related = min(np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in pairs)
    return "noise" if related < RELATED else ""
