"""Tags from words: the same idea, however it is written, is one row."""

import unicodedata

from models_hub.models import Tag

MAX_TAGS = 20
MAX_LENGTH = 60


def key_of(word):
    """What makes two tags the same: "Ａnime  Style" and "anime style"."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())[:MAX_LENGTH]


def named(words):
    """The Tags for `words`, made where they are new, in their order."""
    wanted = {key_of(word): " ".join(word.split())[:MAX_LENGTH] for word in reversed(words) if key_of(word)}
    wanted = dict(reversed(wanted.items()))
    Tag.objects.bulk_create([Tag(key=key, name=name) for key, name in wanted.items()], ignore_conflicts=True)
    found = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
    return [found[key] for key in wanted]
