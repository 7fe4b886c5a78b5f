"""What might be meant by the few letters before the caret: own prompts, trigger words, LoRAs, lists, styles, tags."""

from dataclasses import asdict, dataclass
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
UNNAMED = {"drop", "join", "count"}


@dataclass(frozen=True)
class Suggestion:
    """`insert` takes the place of what was typed (for a style: its slug, to be ticked); `hint` explains it."""

    insert: str
    label: str
    kind: str  # prompt, favourite, trigger, lora, wildcard, style, tag
    kind_label: str
    hint: str = ""

    def as_dict(self):
        return asdict(self)


def complete(typed, *, user, slugs=()):
    """At most MOST Suggestions for the fragment `typed`; `slugs` are the models that the form has chosen.

    A fixed number of queries, and none for what is too short to mean anything.
    """
    typed = typed.replace("\x00", "")[:MAX_TYPED].strip().lower()
    if not typed or (len(typed) < LEAST_LATIN and not HAN.search(typed) and not typed.startswith("_")):
        return []
    if typed.startswith("<"):
        return lora_tags(typed)[:MOST]
    if typed.startswith("__"):
        return wildcards(typed)[:MOST]
    own = prompts(typed, user)
    named = [*triggers(typed, slugs), *styles(typed), *wildcards(typed)]
    words = vocabulary(typed, MOST)
    return unique([*own, *named[: MOST - len(own) - min(len(words), 4)], *words])[:MOST]


def unique(suggestions):
    """The first of each wording."""
    return list({(one.kind == "style", one.insert.lower()): one for one in reversed(suggestions)}.values())[::-1]


def prompts(typed, user):
    """Own prompts that begin with or hold the fragment, starred ones first."""
    if not user.is_authenticated:
        return []
    found = history.of(user).filter(text__icontains=typed).order_by("-is_favourite", "-used_at", "-pk")
    return [own_prompt(row) for row in found[:MOST_OWN]]


def own_prompt(row):
    if row.is_favourite:
        return Suggestion(row.text, row.text, "favourite", _("favourite"))
    return Suggestion(row.text, row.text, "prompt", _("used before"))


def triggers(typed, slugs):
    """Words that wake the chosen models."""
    versions = ModelVersion.objects.published().filter(card__slug__in=list(slugs)[:12]).select_related("card")
    words = {word: version.card.title for version in versions for word in version.trigger_words}
    return [
        Suggestion(word, word, "trigger", _("trigger word"), title)
        for word, title in words.items()
        if matches(typed, word.lower()) is not None
    ]


def styles(typed):
    found = StyleTemplate.objects.filter(is_active=True).filter(Q(name__icontains=typed) | Q(name_zh__icontains=typed))
    return [
        Suggestion(one.slug, one.title, "style", _("style"), one.template.replace("{prompt}", "…"))
        for one in found[:MOST]
    ]


def wildcards(typed):
    """Lists by name; `__` alone offers them all."""
    found = Wildcard.objects.filter(name__startswith=typed.strip("_"))[:MOST]
    return [
        Suggestion(f"__{one.name}__", f"__{one.name}__", "wildcard", _("list"), ", ".join(one.lines[:6]))
        for one in found
    ]


def lora_tags(typed):
    """`<lora:` begun: the LoRAs of the site as whole tags."""
    name = typed.lstrip("<").removeprefix("lora:").removeprefix("lora").split(":")[0].strip()
    if not typed.lstrip("<").startswith("lora") and not "lora".startswith(typed.lstrip("<")):
        return []
    name = "" if "lora".startswith(typed.lstrip("<")) else name
    cards = ModelCard.objects.published().filter(kind=ModelCard.Kind.LORA, versions__isnull=False).distinct()
    cards = cards.filter(Q(slug__icontains=name) | Q(name__icontains=name) | Q(name_zh__icontains=name))[:MOST]
    return [Suggestion(f"<lora:{card.slug}:1>", card.title, "lora", "LoRA", card.family) for card in cards]


def vocabulary(typed, most):
    """Words of the dictionary in the script that is typed; Latin letters also find Chinese by their initials."""
    ranked, is_han = [], bool(HAN.search(typed))
    for place, (word, english, initials) in enumerate(entries()):
        if is_han:
            rank = matches(typed, word.lower())
            offer = (word, english)
        else:
            rank, offer = matches(typed, english.lower()), (english, word)
            if rank is None and initials.startswith(typed):
                rank, offer = (1 if initials == typed else 3, len(initials)), (word, english)
        if rank is not None:
            ranked.append((rank, place, offer))
    ranked.sort()
    found = [Suggestion(insert, insert, "tag", _("word"), hint) for _rank, _place, (insert, hint) in ranked]
    return unique(found)[:most]


@cache
def entries():
    """(Chinese, English, initials) of every word that says something alone."""
    return [(word, entry[0], entry[2]) for word, entry in tags().items() if entry[1] not in UNNAMED]


def matches(typed, word):
    """How well: (0, length) the beginning, (2, length) the beginning of a later word, None not at all."""
    if word.startswith(typed):
        return 0, len(word)
    if typed in word and (f" {typed}" in word or HAN.search(typed)):
        return 2, len(word)
    return None
