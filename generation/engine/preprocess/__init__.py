"""Pictures turned into what a ControlNet reads: edges, soft edges or a skeleton, white or coloured on black."""

from generation.engine.errors import InvalidSpec

NONE, EDGES, SOFT_EDGES, POSE = "none", "edges", "soft_edges", "pose"
PREPROCESSORS = (NONE, EDGES, SOFT_EDGES, POSE)


def preprocess(name, image, weights_dir):
    """The PIL picture (RGB, of the same size) that `name` makes of `image`.

    "none" hands the picture on. Raises MissingWeights when weights or a package are not installed,
    NothingFound when there is nobody to draw a skeleton of, InvalidSpec for another name.
    """
    if name == NONE:
        return image.convert("RGB")
    if name == EDGES:
        from .edges import draw
    elif name == SOFT_EDGES:
        from .soft_edges import draw
    elif name == POSE:
        from .pose import draw
    else:
        raise InvalidSpec(field="preprocessor", problem=f"choose one of {', '.join(PREPROCESSORS)}.")
    return draw(image.convert("RGB"), weights_dir)
