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
from generation.watching.herald import herald

logger = logging.getLogger(__name__)


@dataclass
class Checked:
    """One picture of a job: what is stored, the seed that drew it, and its OutputVerdict (None: not checked)."""

    image: object
    seed: int
    verdict: output_check.OutputVerdict | None = None
    was_drawn_again: bool = False


def look(lease, job, rendered):
    """The job's pictures as Checked, in order. What came out blank or as noise is drawn once more."""
    pictures = [Checked(image, job.seed + index) for index, image in enumerate(rendered.images)]
    if not settings.OUTPUT_CHECK:
        return pictures
    if lease.renew(stage=Job.Stage.CHECKING):
        herald.say(job.pk, stage="checking", step=0, steps=len(pictures))
    for picture in pictures:
        picture.verdict = verdict_of(picture.image)
        # A white source may rightly stay white: only pictures made from words alone are tried again.
        if picture.verdict.defect and job.kind == Job.Kind.TXT2IMG:
            draw_again(lease, job, picture)
    return pictures


def verdict_of(image):
    return output_check.check(image, settings.WEIGHTS_DIR)


def draw_again(lease, job, picture):
    """Replace a picture that shows nothing; the second attempt stands, whatever it shows."""
    logger.warning("job %s: seed %d gave a picture that is %s", job.pk, picture.seed, picture.verdict.defect)
    # Past the seeds of the other pictures.
    seed = (picture.seed + job.count) % 2**32
    spec = dataclasses.replace(specs.render_spec(job), seeds=(seed,))
    rendered = resident.engine().render(spec, on_event=Reporter(lease, job.steps, counts=False))
    first = picture.verdict.defect
    picture.image, picture.seed, picture.was_drawn_again = rendered.images[0], seed, True
    picture.verdict = dataclasses.replace(verdict_of(picture.image), defect=first)
