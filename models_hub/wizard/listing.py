"""What the files step and "my models" list."""

from django.db.models import Max, Prefetch, Q, Sum

from models_hub.models import ModelCard, ModelFile, ModelVersion, Upload


def files_of(version, user):
    """The files of `version` with what was found, its uploads under way, and the user's uploads without a place."""
    files = version.files.prefetch_related("hashes", "findings")
    open_ones = version.uploads.filter(file=None)
    waiting = any(file.state == ModelFile.State.PENDING for file in files)
    return {
        "files": files,
        "open_uploads": open_ones.filter(state=Upload.State.RECEIVING),
        "loose": Upload.objects.filter(owner=user, version=None, file=None, state=Upload.State.RECEIVED)[:20],
        "is_waiting": waiting or version.status == ModelVersion.Status.INSPECTING,
        "roles": ModelFile.Role.choices,
    }


def mine(user, *, trash=False, word=""):
    """The models of `user`, newest change first, each with its versions and their bytes. A few queries in all."""
    cards = ModelCard.objects.filter(owner=user, deleted_at__isnull=not trash)
    if word:
        cards = cards.filter(Q(name__icontains=word) | Q(name_zh__icontains=word))
    versions = ModelVersion.objects.annotate(bytes=Sum("files__size")).order_by("-created_at", "-id")
    cards = cards.annotate(bytes=Sum("versions__files__size"), newest=Max("versions__created_at"))
    return cards.prefetch_related(Prefetch("versions", versions), "versions__samples").order_by("-updated_at", "-id")
