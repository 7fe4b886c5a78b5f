"""The output check of a job's pictures, before they are stored."""

import dataclasses
import logging
from dataclasses import dataclass

from django.conf import settings

from generation.engine import output_check
from generation.models import Job
from generation.recipes import specs
from generation.rendering import resident
from generation.rendering.reporting import Reporter

logger = logging.getLogger(__name__)


@dataclass
class Checked:
    """One picture of a job: what is stored, the seed that drew it, and its OutputVerdict (None: not checked)."""

    image: object
    seed: int
    verdict: output_check.OutputVerdict | None = None
    was_drawn_again: bool = False


def checked(job, index, image):
    """Picture `index` of a job as Checked."""
    return Checked(image, job.seed + index, verdict_of(image) if settings.OUTPUT_CHECK else None)


def must_be_redrawn(job, one):
    """Whether it shows nothing and was not drawn again yet. A white source may rightly stay white: only pictures made
    from words alone are tried again."""
    shows_nothing = one.verdict is not None and one.verdict.defect and not one.was_drawn_again
    return bool(shows_nothing) and job.kind == Job.Kind.TXT2IMG


def verdict_of(image):
    return output_check.check(image, settings.WEIGHTS_DIR)


def draw_again(lease, job, picture):
    """Replace a picture that shows nothing; the second attempt stands, whatever it shows."""
    logger.warning("job %s: seed %d gave a picture that is %s", job.pk, picture.seed, picture.verdict.defect)
    # Past the seeds of the other pictures.
    seed = (picture.seed + job.count) % 2**32
    spec = dataclasses.replace(specs.render_spec(job), seeds=(seed,))
    rendered = resident.engine().render(spec, on_event=Reporter(lease, job, counts=False))
    first = picture.verdict.defect
    picture.image, picture.seed, picture.was_drawn_again = rendered.images[0], seed, True
    picture.verdict = dataclasses.replace(verdict_of(picture.image), defect=first)
