"""How large a picture is drawn that starts from another one."""

import math

from django.utils.translation import gettext as _

from generation import limits

SIDES = ("left", "right", "top", "bottom")


def fit(width, height, family):
    """The size (pixels, multiples of 8) at which a model of `family` draws from a source of `width` x `height`."""
    most = limits.FIT_PIXELS.get(family) or limits.MAX_PIXELS.get(family, max(limits.MAX_PIXELS.values()))
    return shrunk(width, height, min(1.0, math.sqrt(most / (width * height)), limits.SIDE[1] / max(width, height)))


def shrunk(width, height, scale):
    """Both sides times `scale`, down to multiples of 8, within the limits of a side."""
    low, high = limits.SIDE
    return tuple(min(high, max(low, int(side * scale + 0.001) // 8 * 8)) for side in (width, height))


def check_outpaint(asked):
    """{"left", "right", "top", "bottom"} in pixels, what is absent being 0. Raises BadValue."""
    sides = {side: asked.get(side) or 0 for side in SIDES}
    for side, value in sides.items():
        limits.check_eights(f"outpaint_{side}", value, *limits.OUTPAINT)
    if not any(sides.values()):
        raise limits.BadValue(_("Outpaint: choose at least one side to extend."), field="outpaint", code="required")
    return sides


def outpainted(source, sides, family):
    """(width, height) of `source` (width, height) extended by `sides`; the source is shrunk until the whole fits.

    Raises BadValue when the sides alone are more than the model can draw.
    """
    most = limits.MAX_PIXELS.get(family, max(limits.MAX_PIXELS.values()))
    inner = fit(*source, family)
    while inner:
        whole = inner[0] + sides["left"] + sides["right"], inner[1] + sides["top"] + sides["bottom"]
        if whole[0] * whole[1] <= most and max(whole) <= limits.SIDE[1]:
            return whole
        inner = smaller(inner)
    message = _("Outpaint: this model draws at most %(most)d pixels in all. Extend the picture by less.")
    raise limits.BadValue(message % {"most": most}, field="outpaint")


def smaller(size):
    """The next smaller size of nearly the same shape, or None at the least."""
    longer = max(size) - 8
    found = shrunk(*size, longer / max(size))
    return found if found != size and longer >= limits.SIDE[0] else None
