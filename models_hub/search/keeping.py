"""Keeps the index equal to the tables, whoever writes them: wizard, back office, command line, program.

The one place where saving a row touches something else: the index holds nothing of its own, only what these rows say,
and a service that forgot to tell it would make a model unfindable. Work is done once per transaction, after its commit.
Rows written by `update()` or `bulk_create` alone are not seen: whoever does that calls `search.index`.
"""

from django.conf import settings
from django.db import connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from models_hub.models import ModelCard, ModelFile, ModelVersion, Tag
from models_hub.search.documents import index

BATCH = 500


def connect():
    for model in OWNERS:
        for signal in (post_save, post_delete):
            signal.connect(saved, sender=model, dispatch_uid=f"search {model.__name__} {id(signal)}")
    m2m_changed.connect(tagged, sender=ModelCard.tags.through, dispatch_uid="search tags")
    post_save.connect(renamed, sender=settings.AUTH_USER_MODEL, dispatch_uid="search user")


OWNERS = {
    ModelCard: lambda card: [card.pk],
    ModelVersion: lambda version: [version.card_id],
    ModelFile: lambda file: ModelVersion.objects.filter(pk=file.version_id).values_list("card_id", flat=True),
    Tag: lambda tag: tag.cards.values_list("pk", flat=True) if tag.pk else [],
}


def saved(sender, instance, raw=False, **kwargs):
    if not raw:
        mark(list(OWNERS[sender](instance)))


def tagged(sender, instance, action, reverse, pk_set, **kwargs):
    if action.startswith("post_"):
        mark(pk_set or [] if reverse else [instance.pk])


def renamed(sender, instance, created, update_fields=None, raw=False, **kwargs):
    """A user's models are found by the user's name."""
    if not created and not raw and (update_fields is None or "username" in update_fields):
        mark(list(ModelCard.objects.filter(owner=instance).values_list("pk", flat=True)))


class Pending:
    """What the running transaction has touched; stands in its list of things to do after the commit."""

    def __init__(self):
        self.keys = set()

    def __call__(self):
        keys = sorted(self.keys)
        for start in range(0, len(keys), BATCH):
            index(*keys[start : start + BATCH])


def mark(keys):
    """Index these cards once the running transaction is sure."""
    if not keys:
        return
    # Looked up in the list itself: a savepoint that is rolled back takes its entries out of it.
    pending = next((one for _sids, one, _robust in connection.run_on_commit if isinstance(one, Pending)), None)
    if pending is not None:
        pending.keys.update(keys)
        return
    pending = Pending()
    pending.keys.update(keys)
    transaction.on_commit(pending)
