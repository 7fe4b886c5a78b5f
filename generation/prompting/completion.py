"""What might be meant by the few letters before the caret: own prompts, trigger words, LoRAs, lists, styles, tags."""

import re
from dataclasses import asdict, dataclass, replace
from functools import cache

from django.db.models import Q
from django.utils.translation import gettext as _

from generation.models import StyleTemplate, Wildcard
from generation.prompting import history
from generation.prompting.chinese import HAN, tags
from models_hub.models import ModelCard, ModelVersion

MOST = 10
MOST_OWN = 3
MAX_TYPED = 60
# A letter alone would offer everything.
LEAST_LATIN = 2
# The longest ends of what was typed that are looked for: words, and Chinese characters.
MOST_WORDS, MOST_HAN = 3, 4
KINDS = ("favourite", "prompt", "trigger", "lora", "wildcard", "style", "tag")
UNNAMED = {"drop", "join", "count"}


@dataclass(frozen=True)
class Suggestion:
    """`insert` takes the place of the last `length` characters typed (a style is ticked instead); `hint` explains."""

    insert: str
    label: str
    kind: str  # one of KINDS
    kind_label: str
    hint: str = ""
    length: int = 0

    def as_dict(self):
        return asdict(self)


def complete(typed, *, user, slugs=()):
    """At most MOST Suggestions for the fragment `typed`; `slugs` are the models that the form has chosen.

    A fixed number of queries, and none for what is too short to mean anything.
    """
    typed = typed.replace("\x00", "")[-MAX_TYPED:].lstrip()
    if typed.startswith("<"):
        return [replace(one, length=len(typed)) for one in lora_tags(typed.lower())]
    ends = list(ends_of(typed))
    if not ends:
        return []
    own = [replace(one, length=len(typed)) for one in prompts(typed.strip(), user)]
    named = [*triggers(slugs), *styles(), *wildcards()]
    for end in ends:
        found = [one for names, one in named if is_meant(end.lower(), names, one)]
        if found := unique([*found[: MOST - 4], *vocabulary(end.lower(), MOST)]):
            return unique([*own, *(replace(one, length=len(end)) for one in found)])[:MOST]
    return own


def ends_of(typed):
    """The ends of `typed` worth looking for, longest first."""
    if HAN.match(typed[-1:]):
        run = re.search(r"[\u3400-\u9fff]+$", typed)[0]
        yield from (run[-length:] for length in range(min(MOST_HAN, len(run)), 0, -1))
        return
    starts = [found.start() for found in re.finditer(r"(?<!\S)\S", typed)]
    for start in starts[-MOST_WORDS:]:
        if len(typed[start:].strip()) >= LEAST_LATIN:
            yield typed[start:]


def unique(suggestions):
    """The first of each wording."""
    found = {}
    for one in suggestions:
        found.setdefault((one.kind == "style", one.insert.lower()), one)
    return list(found.values())


def is_meant(end, names, suggestion):
    """Whether one of `names` begins with `end`; two underscores begin the name of a list and of nothing else."""
    if end.startswith("__") and suggestion.kind != "wildcard":
        return False
    return any(matches(end.strip("_"), name) is not None for name in names)


def prompts(typed, user):
    """Own prompts that begin with or hold the fragment, starred ones first."""
    if not user.is_authenticated:
        return []
    found = history.of(user).filter(text__icontains=typed).exclude(text__iexact=typed)
    return [own_prompt(row) for row in found.order_by("-is_favourite", "-used_at", "-pk")[:MOST_OWN]]


def own_prompt(row):
    if row.is_favourite:
        return Suggestion(row.text, row.text, "favourite", _("favourite"))
    return Suggestion(row.text, row.text, "prompt", _("used before"))


def triggers(slugs):
    """Words that wake the chosen models: pairs ([what it is found by], Suggestion), as the next two give."""
    versions = ModelVersion.objects.published().filter(card__slug__in=list(slugs)[:12]).select_related("card")
    words = {word: version.card.title for version in versions for word in version.trigger_words}
    kind = _("trigger word")
    return [([word.lower()], Suggestion(word, word, "trigger", kind, title)) for word, title in words.items()]


def styles():
    found, kind = StyleTemplate.objects.filter(is_active=True)[:200], _("style")
    return [([one.name.lower(), one.name_zh], style(one, kind)) for one in found]


def style(one, kind):
    return Suggestion(one.slug, one.title, "style", kind, one.template.replace("{prompt}", "…"))


def wildcards():
    found, kind = Wildcard.objects.all()[:500], _("list")
    return [([one.name], wildcard(one, kind)) for one in found]


def wildcard(one, kind):
    return Suggestion(f"__{one.name}__", f"__{one.name}__", "wildcard", kind, ", ".join(one.lines[:6]))


def lora_tags(typed):
    """`<lora:` begun: the LoRAs of the site as whole tags."""
    name = typed.removeprefix("<").removeprefix("lora").removeprefix(":").split(":")[0].strip()
    if not typed.startswith("<lora:"):
        name = "" if "<lora:".startswith(typed) else None
    if name is None:
        return []
    cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.LORA, versions__isnull=False).distinct()
    cards = cards.filter(Q(slug__icontains=name) | Q(name__icontains=name) | Q(name_zh__icontains=name))[:MOST]
    return [Suggestion(f"<lora:{card.slug}:1>", card.title, "lora", "LoRA", card.family) for card in cards]


def vocabulary(typed, most):
    """Words of the dictionary in the script that is typed; Latin letters also find Chinese by their initials."""
    ranked, is_han = [], bool(HAN.search(typed))
    for place, (word, english, initials) in enumerate(entries()):
        if is_han:
            rank, offer = matches(typed, word), (word, english)
        else:
            rank, offer = matches(typed, english), (english, word)
            if rank is None and initials.startswith(typed):
                rank, offer = (1 if initials == typed else 3, len(initials)), (word, english)
        if rank is not None and offer[0] != typed:
            ranked.append((rank, place, offer))
    ranked.sort()
    found = [Suggestion(insert, insert, "tag", _("word"), hint) for _rank, _place, (insert, hint) in ranked[: 2 * most]]
    return unique(found)[:most]


@cache
def entries():
    """(Chinese, English, initials) of every word that says something alone."""
    return [(word.lower(), entry[0].lower(), entry[2]) for word, entry in tags().items() if entry[1] not in UNNAMED]


def matches(typed, word):
    """How well: (0, length) the beginning, (2, length) the beginning of a later word, None not at all."""
    if word.startswith(typed):
        return 0, len(word)
    if typed in word and (f" {typed}" in word or HAN.search(typed)):
        return 2, len(word)
    return None
