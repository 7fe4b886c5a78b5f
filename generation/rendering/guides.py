"""Drawing what a ControlNet would read of a picture. Runs in the small-jobs worker; generation.asking.guides asks."""

import io

from django.conf import settings

from generation.asking import guides
from generation.engine.errors import EngineError
from generation.models import Source
from generation.recipes.specs import SourceGone, opened

# Sides in pixels. It is a preview: lines stay where they are, and HED takes seconds for more.
MOST_SIDE = {"soft_edges": 512}
OTHERWISE = 1024
QUALITY = 90


def draw(source_id, preprocessor):
    """Draw the guide of a Source and keep it. A second delivery finds it drawn and returns."""
    source = Source.objects.filter(pk=source_id).first()
    if source is None or guides.image(source, preprocessor):
        return
    try:
        picture = drawn(opened(source), preprocessor)
    except (EngineError, SourceGone) as error:
        guides.keep(source, preprocessor, state=guides.FAILED, template=error.template, params=error.params)
    except Exception:
        guides.keep(source, preprocessor, state=guides.FAILED, template=guides.AWAY, params={})
        raise  # the operator sees it among the failed jobs
    else:
        guides.keep(source, preprocessor, state=guides.DONE, image=webp(picture))


def drawn(picture, preprocessor):
    from generation.engine.preprocess import preprocess

    side = MOST_SIDE.get(preprocessor, OTHERWISE)
    picture.thumbnail((side, side))
    return preprocess(preprocessor, picture, settings.WEIGHTS_DIR)


def webp(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()
