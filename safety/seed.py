"""The word list that a new site starts with."""

from pathlib import Path

SEED = Path(__file__).parent / "words" / "seed.txt"


def seed_words() -> dict[str, str]:
    """Word or phrase -> category, as written in words/seed.txt."""
    words: dict[str, str] = {}
    category = ""
    for line in SEED.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            category = line.strip("[]")
        elif line and not line.startswith("#"):
            words |= {word.strip(): category for word in line.split(",") if word.strip()}
    return words


def load_seed_words(word_model) -> int:
    """Add the words that the list lacks and return how many; what an administrator changed stays as it is.

    `word_model` is Word, or its historical form in a migration.
    """
    known = set(word_model.objects.values_list("text", flat=True))
    fresh = [word_model(text=text, category=kind) for text, kind in seed_words().items() if text not in known]
    word_model.objects.bulk_create(fresh)
    return len(fresh)
