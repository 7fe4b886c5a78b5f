"""Which models a search finds, and which of them come first."""

from difflib import SequenceMatcher
from functools import cached_property

from django.db.models import Q

from models_hub.models import ModelCard
from models_hub.search import hashes
from models_hub.search.documents import TABLE
from visionary.common.search import NAMED, NOWHERE, tokens

# Up to so many rows are fetched by their keys; of more the database is told the condition.
FEW = 1000
# The best of a search are chosen among so many.
MOST = 200
# When so many of those hold the words in their names, names that are liked less are not looked for.
ENOUGH = 30
# A list is read from its top in steps of so many rows, as long as the words are frequent enough to be met that way.
STEPS = (500, 1500)
# A misspelt name is looked for among so many that begin or end as it does.
NEAR = 300
# How much of two words must be the same for one to be the other, misspelt.
ALIKE = 0.72


def narrow(cards, text):
    """Those of `cards` that `text` finds: by a hash, by its words, else by a name that looks like it."""
    return Search(text).narrow(cards)


def ranked(cards, text, most=MOST):
    """The keys of the `most` best of `cards` for `text`, best first."""
    return Search(text).ranked(cards, most)


class Search:
    """What one text finds, asked for once however many lists it narrows.

    Words that many rows have are not looked up in the index, which would fetch all of these rows: the list is read from
    its top, in its own order, until enough are met. Words that are not met that way are rare, and the index is quick.
    """

    def __init__(self, text):
        self.text = text.strip()
        self.query = tokens.for_query(text)
        self.is_misspelt = False

    def narrow(self, cards):
        if not self.text:
            return cards
        if self.keys is not None:
            return cards.filter(pk__in=self.keys)
        return cards.filter(TABLE.holds(self.query, column()))

    @cached_property
    def keys(self):
        """The keys of all that is found, None when they are more than FEW."""
        if self.hashed is not None:
            return list(self.hashed)
        keys = TABLE.find(self.query, most=FEW + 1) if self.query else []
        if len(keys) > FEW:
            return None
        self.is_misspelt = not keys
        return keys or misspelt(self.text)

    @cached_property
    def hashed(self):
        return hashes.cards_with(self.text)

    @property
    def is_known(self):
        """Whether nothing is gained by reading a list."""
        return not self.query or self.hashed is not None or vars(self).get("keys") is not None

    def first(self, cards, most):
        """The keys of the first `most` that are found of `cards`, which have an order; a few more may be among them."""
        found, is_all = self.met(cards, most)
        if is_all or len(found) >= most:
            return list(found)
        return list(self.narrow(cards).values_list("pk", flat=True)[:most])

    def ranked(self, cards, most=MOST):
        """The keys of the `most` best, best first: a name that is the text, one that begins with it, one that holds
        its words, then whatever holds them; among equals what people like and use."""
        liked = cards.order_by("-likes", "-pk")
        found, is_all = self.met(liked, most)
        keys = set(found)
        if not is_all and len(found) < most:
            keys = set(self.narrow(liked).values_list("pk", flat=True)[:most])
        if not is_all and len(keys) >= most and list(found.values()).count(NAMED) < ENOUGH:
            keys.update(self.named(liked, most))
        rows = ModelCard.objects.filter(pk__in=keys).values_list("pk", "name", "name_zh", "likes", "uses")
        wanted = tokens.fold(self.text).split()
        return [key for key, *row in sorted(rows, key=lambda row: place(wanted, self.is_misspelt, *row[1:]))[:most]]

    def named(self, cards, most):
        """The first `most` of those that hold the words in their names, where few do."""
        keys = TABLE.find(self.query, in_name=True, most=FEW + 1)
        named = Q(pk__in=keys) if len(keys) <= FEW else Q(TABLE.holds(self.query, column(), in_name=True))
        # Read once more, as an unwanted word may stand elsewhere than in the name.
        return [key for key, where in TABLE.read(self.query, cards.filter(named)[:most]) if where == NAMED]

    def met(self, cards, most):
        """({key: where it holds the words}, whether that is all there is) of those met by reading `cards` from the
        top until there are `most`. Stops where they are too rare to be met."""
        found, start = {}, 0
        for step in () if self.is_known else STEPS:
            rows = TABLE.read(self.query, cards[start : start + step])
            found |= {key: where for key, where in rows if where != NOWHERE}
            start += step
            if len(rows) < step:
                # Where none is, the words may be misspelt.
                return found, bool(found)
            if len(found) >= most or len(found) < most * start / sum(STEPS):
                break
        return found, False


def place(wanted, is_misspelt, name, name_zh, likes, uses):
    """What to sort by, smallest first."""
    text = " ".join(wanted)
    names = [" ".join(tokens.fold(one).split()) for one in (name, name_zh) if one]
    words = " ".join(names)
    held = sum(word in words for word in wanted)
    nearness = 4
    if text in names:
        nearness = 0
    elif any(one.startswith(text) for one in names):
        nearness = 1
    elif text in words:
        nearness = 2
    elif held == len(wanted):
        nearness = 3
    # How alike they look matters for misspelt words alone, and takes long for hundreds.
    alike = max(likeness(text, one) for one in names) if is_misspelt else 0
    return nearness, -held, -round(alike, 1), -(likes + uses), name


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
