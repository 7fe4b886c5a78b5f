"""From what was typed to what is drawn: styles, choices and wildcards, LoRA tags, and Chinese for English models.

One resolution per job: all pictures of a job have the same words, so that they can be compared, and its recipe says
which. Another seed gives another draw.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from generation import limits
from generation.models import Wildcard
from generation.prompting import chinese, choices, lora_tags
from visionary.common.wording import listed

# Stands for the user's words while a style's own choices are drawn; a private character, in nobody's text.
HERE = "\ue000"


@dataclass(frozen=True)
class Resolved:
    """What is drawn, and what was typed.

    `loras` are (ModelVersion, weight) of the tags; `asked` is the prompt as it was typed, empty when that is `text`.
    """

    text: str
    negative: str = ""
    loras: tuple = ()
    asked: str = ""
    typed: str = ""
    typed_negative: str = ""

    def with_loras(self, others):
        """The (version, weight) pairs of the form's rows, and those of the tags; a row's weight counts."""
        return list((dict(self.loras) | dict(others)).items())

    def readings(self):
        """Every (text, field) that the word list has to see: what was typed, and what became of it."""
        pairs = [(self.typed, "prompt"), (self.text, "prompt")]
        pairs += [(self.typed_negative, "negative_prompt"), (self.negative, "negative_prompt")]
        return list(dict.fromkeys(pairs))


def resolve(text, *, seed, styles=(), negative="", family=None):
    """What `text` (with `negative` and StyleTemplates) stands for with this seed, for a model of `family`.

    Raises BadValue or DomainError that names the field and what is wrong. The same seed gives the same answer.
    """
    limits.check_text("prompt", text)
    limits.check_text("negative_prompt", negative)
    words, loras = lora_tags.take_out(text, family)
    refuse_tags(negative)
    draw = Draw(seed)
    words, without = draw("prompt", words), draw("negative_prompt", negative)
    for style in styles:
        words = dressed(draw("prompt", style.template.replace("{prompt}", HERE)), words)
    extra = [draw("negative_prompt", style.negative) for style in styles if style.negative]
    without = ", ".join(dict.fromkeys(filter(None, [without, *extra])))
    words, without = chinese.complete_to_english(words, family), chinese.complete_to_english(without, family)
    return Resolved(words, without, tuple(loras), text if words != text else "", text, negative)


def dressed(template, words):
    """`words` in the place that a style has for them; at the front of one that has none."""
    return template.replace(HERE, words) if HERE in template else ", ".join(filter(None, [words, template]))


def refuse_tags(negative):
    if lora_tags.TAG.search(negative):
        message = _("Negative prompt: a LoRA cannot stand here. Write its tag in the prompt.")
        raise limits.BadValue(message, field="negative_prompt")


class Draw:
    """Draws the choices and wildcards of one request, each field from the seed. Its lists are read once."""

    def __init__(self, seed):
        self.seed, self.lists = seed, None

    def __call__(self, field, text):
        if not choices.TOKEN.search(text):
            return text
        label = limits.labels()[field]
        dealer = choices.Dealer(f"{field} {self.seed}", lambda name: self.options(name, field, label))
        try:
            drawn = dealer.expand(text)
        except choices.TooDeep:
            message = _("%(field)s: choices and wildcards may be nested %(most)d deep. Take some of them apart.")
            raise limits.BadValue(message % {"field": label, "most": choices.MAX_DEPTH}, field=field) from None
        except choices.TooMuch:
            message = _("%(field)s: too many choices and wildcards. Use fewer of them.")
            raise limits.BadValue(message % {"field": label}, field=field) from None
        return re.sub(r"[ \t]{2,}", " ", drawn) if drawn != text else text

    def options(self, name, field, label):
        if self.lists is None:
            self.lists = {one.name: one.lines for one in Wildcard.objects.all()}
        if name not in self.lists:
            message = _("%(field)s: there is no list “__%(name)s__”. Lists of this site: %(known)s.")
            known = listed(f"__{one}__" for one in sorted(self.lists)[:12]) or "–"
            raise limits.BadValue(message % {"field": label, "name": name, "known": known}, field=field)
        return self.lists[name]
