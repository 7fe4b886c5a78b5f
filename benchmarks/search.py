"""Search over many models: milliseconds for words that are rare, common, Chinese, misspelt, and for hashes.

    python -m benchmarks.search [--models 100000] [--rounds 5]

On the database of DATABASE_URL (SQLite of its own without one; an empty MariaDB or MySQL database otherwise). Times are
of whole pages as the list asks for them: the search, the sort and the 30 rows, without the template.
"""

import argparse
import hashlib
import random
import statistics
import time

from benchmarks import world

TEXT = """
ink wash watercolour anime realistic portrait landscape cyberpunk pixel retro comic dark fantasy soft light dragon
castle forest ocean robot knight flower temple lantern street film grain vintage neon chrome
"""
WORDS = TEXT.split()
WORDS_ZH = ["水墨", "山水", "赛博朋克", "城市", "国风", "仙侠", "少女", "写实", "胶片", "古风", "机甲", "花鸟"]
ASKED = [
    ("common word", "ink"),
    ("in every model", "checkpoint"),
    ("prefix", "wat"),
    ("two words", "dragon temple"),
    ("without", "dragon -temple"),
    ("rare", "w77777"),
    ("Chinese", "水墨"),
    ("Chinese, two", "赛博朋克 城市"),
    ("one character", "山"),
    ("misspelt", "watercoluor cyberpnk"),
    ("file name", "file_4242.safetensors"),
    ("owner", "painter7"),
    ("nothing", "qqqqxxxx"),
]


def fill(count):
    from accounts.models import User
    from models_hub import search
    from models_hub.models import ModelCard, ModelFile, ModelVersion

    rng = random.Random(7)
    owners = [User.objects.create(username=f"painter{number}", email=f"p{number}@example.org") for number in range(20)]
    cards = ModelCard.objects.bulk_create([card_of(rng, number, owners) for number in range(count)], 2000)
    versions = ModelVersion.objects.bulk_create(
        [ModelVersion(card=card, sha256=sha(f"v{card.slug}"), size=1, layout="single", path="x") for card in cards],
        2000,
    )
    ModelFile.objects.bulk_create(
        [
            ModelFile(version=version, name=f"file_{number}.safetensors", size=1, sha256=sha(f"f{number}"))
            for number, version in enumerate(versions)
        ],
        2000,
    )
    began = time.perf_counter()
    search.reindex()
    return time.perf_counter() - began


def card_of(rng, number, owners):
    from django.utils import timezone

    from models_hub.models import ModelCard

    name = " ".join(word.title() for word in rng.sample(WORDS, 3)) + (f" w{number}" if number % 10 == 7 else "")
    moment = timezone.now()
    return ModelCard(
        **{
            "name": name,
            "name_zh": "".join(rng.sample(WORDS_ZH, 2)),
            "slug": f"m{number}",
            "owner": rng.choice(owners),
        },
        **{"kind": rng.choice(["checkpoint", "lora", "vae"]), "family": rng.choice(["sd1", "sdxl"])},
        **{"status": "published", "likes": rng.randrange(5000), "uses": rng.randrange(900), "last_version_at": moment},
        content_level=int(number % 10 == 3),
    )


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def page(query):
    from models_hub.forms import ModelsForm
    from models_hub.shelf import page_of

    return page_of(ModelsForm(query), None, "").cards


def took(query, rounds):
    """(models shown, median and greatest milliseconds, median of this process's own: on SQLite all but waiting)."""
    times, own = [], []
    for _round in range(rounds):
        began, began_own = time.perf_counter(), time.process_time()
        found = page(query)
        times.append((time.perf_counter() - began) * 1000)
        own.append((time.process_time() - began_own) * 1000)
    return len(found), statistics.median(times), max(times), statistics.median(own)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    world.set_up()
    from django.db import connection

    print(f"{connection.vendor}, {options.models} models; indexed in {fill(options.models):.0f} s")
    print(f"{'asked':<16}{'sort':<11}{'shown':>6}{'median ms':>11}{'worst ms':>10}{'CPU ms':>8}")
    hashes = [("hash", sha("f4242")), ("AutoV2", sha("f4242")[:10])]
    for name, text in [*ASKED, *hashes]:
        for sort in ("", "downloads"):
            shown, median, worst, own = took({"q": text, "sort": sort}, options.rounds)
            print(f"{name:<16}{sort or 'best':<11}{shown:>6}{median:>11.1f}{worst:>10.1f}{own:>8.1f}", flush=True)
    for name, query in [("a kind", {"kind": "lora"}), ("kind and words", {"kind": "lora", "q": "ink dragon"})]:
        print(f"{name:<16}{'':<11}{took(query, 1)[0]:>6}{took(query, options.rounds)[1]:>11.1f}")


if __name__ == "__main__":
    main()
