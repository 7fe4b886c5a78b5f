"""Finding models and versions by a hash of one of their files, whichever of the usual ones somebody has."""

import functools
import operator
import re

from django.db.models import Q

from models_hub.models import FileHash, ModelFile, ModelVersion

# CRC32; AutoV2; AutoV3; SHA-256 and BLAKE3.
LENGTHS = {8, 10, 12, 64}
# AutoV1 also has 8 digits, of another part of the file: nobody publishes it any more.
HEX = re.compile(r"[0-9a-f]+")
# Beginnings looked for in one query.
AT_ONCE = 100


def is_hash(text):
    return len(text) in LENGTHS and bool(HEX.fullmatch(text))


def cards_with(text):
    """Keys of the cards with a file that has the hash `text`; None when `text` is no hash, or none of ours: then it
    may be a word ("deadbeef")."""
    value = text.strip().lower()
    if not is_hash(value):
        return None
    return {version.card_id for version in with_hashes([value]).get(value, [])} or None


def with_hashes(values):
    """{hash: versions that have it, newest first} for the lower-case `values` that are known; four queries in all,
    and one for each AT_ONCE beginnings."""
    values = {value for value in values if is_hash(value)}
    found = set(FileHash.objects.filter(value__in=values).values_list("value", "file__version_id"))
    longs = {value for value in values if len(value) == 64}
    found |= set(ModelFile.objects.filter(sha256__in=longs).values_list("sha256", "version_id"))
    found |= set(ModelVersion.objects.filter(sha256__in=longs).values_list("sha256", "pk"))
    # AutoV2 is how SHA-256 begins: known also of files that came before their other hashes were kept.
    short = sorted(value for value in values if len(value) == 10)
    for first in range(0, len(short), AT_ONCE):
        starts = (Q(sha256__gte=value, sha256__lt=f"{value}g") for value in short[first : first + AT_ONCE])
        rows = ModelFile.objects.filter(functools.reduce(operator.or_, starts)).values_list("sha256", "version_id")
        found |= {(sha256[:10], key) for sha256, key in rows}
    versions = ModelVersion.objects.select_related("card").in_bulk({key for _value, key in found})
    answer: dict[str, list] = {}
    for value, key in sorted(found, key=lambda pair: -pair[1]):
        answer.setdefault(value, []).append(versions[key])
    return answer
