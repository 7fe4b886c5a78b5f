"""What a model is found by."""

from models_hub.models import ModelCard, ModelVersion
from visionary.common.search import Document, SearchTable

TABLE = SearchTable("models_hub_search")
BATCH = 500


def index(*cards):
    """Bring the index of these cards (or their primary keys) up to date; those that are gone leave it."""
    keys = [getattr(card, "pk", card) for card in cards]
    found = ModelCard.objects.alive().filter(pk__in=keys).select_related("owner")
    found = found.prefetch_related("tags", "versions__files")
    documents = {card.pk: document(card) for card in found}
    TABLE.put(documents)
    TABLE.remove(set(keys) - set(documents))


def reindex():
    """Index everything anew. Returns the number of cards."""
    TABLE.clear()
    keys = list(ModelCard.objects.alive().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        index(*keys[start : start + BATCH])
    weigh()
    return len(keys)


def weigh():
    """Keep searches quick as the hub grows; the small-jobs worker does this every day."""
    TABLE.weigh(ModelCard._meta.db_table, ModelVersion._meta.db_table)


def document(card):
    versions = card.versions.all()
    words = [card.owner.username if card.owner else "", card.get_kind_display(), card.kind, card.family]
    words += [name for tag in card.tags.all() for name in (tag.name, tag.name_zh)]
    words += [version.name for version in versions]
    words += [str(word) for version in versions for word in version.trigger_words]
    words += [file.name for version in versions for file in version.files.all()]
    return Document(name=f"{card.name} {card.name_zh} {card.slug}", words=" ".join(words))
