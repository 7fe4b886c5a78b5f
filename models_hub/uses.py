"""How often models are drawn with: counted with the job that ends, in the transaction that stores its pictures."""

from django.db.models import F

from models_hub.models import ModelCard, ModelVersion


def count(versions):
    """Count one use of each of `versions` and of their cards. Rows are written in one order, so that two jobs that
    end at once never wait for each other in a circle; call it last, so that others wait for a moment only."""
    used = {version.pk: version.card_id for version in versions if version is not None}
    for key in sorted(used):
        ModelVersion.objects.filter(pk=key).update(uses=F("uses") + 1)
    for key in sorted(set(used.values())):
        ModelCard.objects.filter(pk=key).update(uses=F("uses") + 1)
