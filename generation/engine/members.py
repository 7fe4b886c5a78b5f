"""Who takes part in a call that draws for several, and what becomes of each."""

from collections.abc import Callable
from dataclasses import dataclass

from .errors import Cancelled
from .events import Event
from .spec import RenderSpec

STAGES = ("load", "denoise", "decode", "upscale")


@dataclass(frozen=True)
class Member:
    """One request among others: its own spec, and its own listener. `on_event` returning False ends only this one.

    `on_picture(index, image, facts)` gets each picture as soon as it is finished, while others are still drawn.
    """

    spec: RenderSpec
    on_event: Callable[[Event], object] = lambda event: True
    on_picture: Callable[[int, object, dict], object] = lambda index, image, facts: None


@dataclass(frozen=True)
class Rendered:
    """Pictures in the order of the seeds. `facts` say with what they were made, in plain JSON values.

    `seconds`: what each stage took; of a stage drawn together with others, the share of these pictures.
    """

    images: list
    seconds: dict
    cache_hit: bool
    facts: dict


class Share:
    """One member's part of a call: what it is told, what was drawn and spent for it, and what went wrong.

    `fatal`: exceptions of the listener that end the whole call instead of this member alone.
    """

    def __init__(self, member, fatal=()):
        self.spec, self._on_event, self._fatal = member.spec, member.on_event, fatal
        self._on_picture = member.on_picture
        self.drawn: dict[int, object] = {}
        self.finished: dict[int, object] = {}
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self.facts: dict = {}
        self.cache_hit = True
        self.failure: Exception | None = None

    @property
    def over(self):
        """Nothing more is to be done for this member."""
        return self.failure is not None or len(self.finished) == self.pictures

    @property
    def pictures(self):
        return 1 if self.spec.task == "upscale" else len(self.spec.seeds)

    def tell(self, stage, step, steps, index=0, preview=None, pictures=1):
        """Tell the listener, unless it has gone."""
        if self.failure is not None:
            return
        try:
            if self._on_event(Event(stage, step, steps, index, preview, pictures)) is False:
                self.failure = Cancelled()
        except self._fatal:
            raise
        except Exception as error:
            self.failure = error

    def give(self, index, image):
        """A finished picture, to whoever waits for it."""
        self.finished[index] = image
        try:
            self._on_picture(index, image, dict(self.facts))
        except self._fatal:
            raise
        except Exception as error:
            self.failure = error

    def outcome(self):
        """Rendered, or the exception that ended this member."""
        if self.failure is not None:
            return self.failure
        images = [self.finished[index] for index in range(self.pictures)]
        seconds = {stage: round(value, 4) for stage, value in self.seconds.items()}
        return Rendered(images, seconds, self.cache_hit, self.facts)
