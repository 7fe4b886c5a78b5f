"""What the help bubbles of the generate page say, and which show a picture (made by tools/help_pictures.py)."""

from django.utils.translation import gettext_lazy as _

TEXTS = {
    "prompt": _(
        "Say what you would like to see: the thing, how it looks, what is behind it. Words further to the front count "
        "more; (word:1.3) counts more, [word] less."
    ),
    "negative_prompt": _("What should not be in the picture. Leave it empty if nothing disturbs you."),
    "source": _(
        "The picture to start from: your own file, one of your creations, or one of the gallery whose author allows "
        "it. Your file is seen by you alone."
    ),
    "mask": _("Paint over what should be drawn anew. What you do not paint stays as it is."),
    "mask_blur": _("How softly the new part fades into the old one, in pixels. 0 cuts a hard edge."),
    "strength": _(
        "How far the result may go from the source: low keeps form and colours, high keeps little more than the "
        "layout. At 1 nothing of the source is left."
    ),
    "outpaint": _(
        "The picture grows on these sides; the model draws what could be there. Drag the handles or type pixels."
    ),
    "shape": _(
        "The outline of the picture. A model draws best in the sizes it has learned; choose Custom to set your own."
    ),
    "steps": _("How often the picture is refined. More is finer and slower; beyond a point nothing changes any more."),
    "guidance": _("How closely the picture follows your words: low is free and soft, high is strict and harsh."),
    "sampler": _(
        "The way from noise to a picture. They differ in small things; those named “a” never settle with more steps."
    ),
    "seed": _(
        "Where the noise begins. The same seed with the same settings gives the same picture again; another seed "
        "gives another picture."
    ),
    "lora": _(
        "A small addition that teaches the model a style or a thing. Its weight says how strongly: 0 is off, 1 as "
        "trained, beyond it becomes crude. Its trigger words wake it: press them into your prompt."
    ),
    "vae": _(
        "The part that turns the drawing into pixels. Change it only if colours look pale or a model asks for it."
    ),
    "clip_skip": _("Leaves out the last layers of the text encoder. 1 uses all; some drawing-style models ask for 2."),
    "upscale": _("A second pass that makes each side four times as long and sharpens edges."),
    "control": _(
        "A ControlNet follows the lines or the pose of this picture. Without one, the source picture is followed."
    ),
    "preprocessor": _(
        "What is read out of the guide picture: its edges, soft edges, or the pose of a person. Choose “none” if it is "
        "a drawing of lines already."
    ),
    "count": _("How many pictures one press makes, each with a seed of its own."),
}
# What the strips show to those who cannot see them.
STRIPS = {
    "steps": _("A panda after 1, 2, 4 and 12 steps: vague at first, then clear."),
    "guidance": _("The same apple at 1, 2, 5 and 14: soft at first, harsh at the end."),
    "seed": _("One prompt with the seeds 1 to 4: four different pictures."),
    "sampler": _("A rocket by four samplers after 3 steps, each a little different."),
    "lora": _("An apple with a line-art LoRA at 0, 0.5, 1 and 1.6: from painted to drawn to broken lines."),
    "strength": _("An apple on the way to a green pear: unchanged at 0, still an apple at 0.3, a pear at 0.9."),
}
STRIP_SIZE = {"width": 524, "height": 128}  # pixels


def bubble(about):
    """{"text", and of a strip "picture", "alt", "width", "height"} of a parameter, or None."""
    if about not in TEXTS:
        return None
    strip = {"picture": f"img/help/{about}.webp", "alt": STRIPS[about], **STRIP_SIZE} if about in STRIPS else {}
    return {"text": TEXTS[about], **strip}
