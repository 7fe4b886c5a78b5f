"""Who takes part in a call that draws for several."""

from collections.abc import Callable
from dataclasses import dataclass

from .events import Event
from .spec import RenderSpec


@dataclass(frozen=True)
class Member:
    """One request among others: its own spec, and its own listener. `on_event` returning False ends only this one."""

    spec: RenderSpec
    on_event: Callable[[Event], object] = lambda event: True
