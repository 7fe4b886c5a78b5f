"""Pictures turned into what a ControlNet reads: edges, soft edges or a skeleton, white or coloured on black."""

from importlib import import_module

from generation.engine.errors import InvalidSpec

NONE, EDGES, SOFT_EDGES, POSE = "none", "edges", "soft_edges", "pose"
PREPROCESSORS = (NONE, EDGES, SOFT_EDGES, POSE)


def preprocess(name, image, weights_dir):
    """The PIL picture (RGB, of the same size) that `name` makes of `image`.

    "none" hands the picture on. Raises MissingWeights when weights or a package are not installed,
    NothingFound when there is nobody to draw a skeleton of, InvalidSpec for another name.
    """
    image = image.convert("RGB")
    if name == NONE:
        return image
    if name not in PREPROCESSORS:
        raise InvalidSpec(field="preprocessor", problem=f"choose one of {', '.join(PREPROCESSORS)}.")
    # Each is a module that needs numpy or torch, of its own name.
    return import_module(f"{__name__}.{name}").draw(image, weights_dir)
