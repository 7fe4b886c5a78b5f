"""Which models a search finds, and which of them come first."""

from difflib import SequenceMatcher

from models_hub.models import ModelCard
from models_hub.search import hashes
from models_hub.search.documents import TABLE
from visionary.common.search import tokens

# Up to so many rows are fetched by their keys; of more the database is told the condition.
FEW = 1000
# The best of a search are chosen among so many.
MOST = 300
# A misspelt name is looked for among so many that begin or end as it does.
NEAR = 300
# How much of two words must be the same for one to be the other, misspelt.
ALIKE = 0.72
COLUMN = '"models_hub_modelcard"."id"'


def narrow(cards, text):
    """Those of `cards` that `text` finds: by a hash, by its words, else by a name that looks like it."""
    if (found := hashes.cards_with(text)) is not None:
        return cards.filter(pk__in=found)
    query = tokens.for_query(text)
    if not query:
        return cards.none() if text.strip() else cards
    keys = TABLE.find(query, most=FEW + 1)
    if len(keys) > FEW:
        return cards.filter(TABLE.holds(query, column()))
    return cards.filter(pk__in=keys or misspelt(text))


def ranked(cards, text, most=MOST):
    """The keys of the `most` best of `cards` for `text`, best first: a name that is the text, one that begins with it,
    one that holds its words, then whatever holds them; among equals what people like and use."""
    query = tokens.for_query(text)
    found = list(best(in_names(cards, query), most)) if query and hashes.cards_with(text) is None else []
    if len(found) < most:
        known = {key for key, *_rest in found}
        found += [row for row in best(narrow(cards, text), most) if row[0] not in known]
    wanted = tokens.fold(text).split()
    return [key for key, *row in sorted(found, key=lambda row: place(wanted, *row[1:]))[:most]]


def in_names(cards, query):
    keys = TABLE.find(query, in_name=True, most=FEW + 1)
    if len(keys) > FEW:
        return cards.filter(TABLE.holds(query, column(), in_name=True))
    return cards.filter(pk__in=keys)


def best(cards, most):
    # By what an index holds: a word that every model has costs no more than a rare one.
    return cards.order_by("-likes", "-pk").values_list("pk", "name", "name_zh", "likes", "uses")[:most]


def place(wanted, name, name_zh, likes, uses):
    """What to sort by, smallest first."""
    text = " ".join(wanted)
    names = [" ".join(tokens.fold(one).split()) for one in (name, name_zh) if one]
    words = " ".join(names)
    nearness = 4
    if text in names:
        nearness = 0
    elif any(one.startswith(text) for one in names):
        nearness = 1
    elif text in words:
        nearness = 2
    elif all(word in words for word in wanted):
        nearness = 3
    alike = 0 if nearness < 4 else -max(likeness(text, one) for one in names)
    return nearness, round(alike, 1), -(likes + uses), name


def misspelt(text):
    """Keys of cards whose names are `text` but for a slip: every word has one in the name that looks like it."""
    wanted = [run for run, is_cjk in tokens.runs(text) if not is_cjk]
    if not any(len(word) > 3 for word in wanted):
        return []
    rows = ModelCard.objects.filter(pk__in=TABLE.alike(text, most=NEAR)).values_list("pk", "name", "slug")
    return [key for key, *names in rows if is_near(wanted, [run for run, _cjk in tokens.runs(" ".join(names))])]


def is_near(wanted, words):
    return all(any(likeness(one, word) >= ALIKE for word in words) for one in wanted)


def likeness(one, other):
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def column():
    """The cards' key as this database quotes it."""
    from django.db import connection

    quote = connection.ops.quote_name
    return f"{quote(ModelCard._meta.db_table)}.{quote('id')}"
