"""Where the bytes of a file lie, and who may have them."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from models_hub import shelf
from models_hub.models import ModelFile, ModelVersion
from visionary.common.exceptions import DomainError


@dataclass(frozen=True)
class Variant:
    """One thing to download: a file of a version, or a folder of files as one archive."""

    name: str
    size: int
    url: str
    precision: str = ""
    role: str = ""
    file: ModelFile | None = None


class MembersOnly(DomainError):
    code = "members_only"
    status = 401


def within_reach(user, card_slug):
    """Files that `user` may download from a model: of published versions, and all of one's own. What is in quarantine
    has no place below MODELS_DIR and is refused by `path_of`."""
    versions = ModelVersion.objects.visible_to(user).filter(card__in=shelf.readable(user), card__slug=card_slug)
    files = ModelFile.objects.exclude(state=ModelFile.State.REFUSED).exclude(state=ModelFile.State.PENDING)
    return files.filter(version__in=versions).select_related("version__card")


def check_member(version, user):
    """Raise MembersOnly where the owner lets only members download and `user` is none."""
    if version.login_to_download and not user.is_authenticated:
        raise MembersOnly(_("Only members may download this version. Sign in first."))


def path_of(file) -> Path:
    """Where the bytes of a published file lie. Raises FileNotFoundError, also for what still is in quarantine."""
    version = file.version
    if version.path:
        whole = version.full_path
        found = whole if version.layout == ModelVersion.Layout.SINGLE and is_weights(file) else whole / file.name
        if found.is_file() and (whole == found or whole in found.resolve().parents):
            return found
    root = settings.MODELS_DIR.resolve()
    found = (root / file.path).resolve() if file.path else root
    if root not in found.parents or not found.is_file():
        raise FileNotFoundError(file.name)
    return found


def is_weights(file):
    """Whether this file is the one that a single-file version is."""
    return file.sha256 == file.version.sha256


def save_as(file):
    """The name offered for saving: the original one, without folders."""
    return file.name.rpartition("/")[2]


def url_of(file, slug):
    return reverse("models_hub:file", args=[slug, file.pk, file.name])


def archive_url(version, slug):
    return reverse("models_hub:archive", args=[slug, version.pk, archive_name(version, slug)])


def archive_name(version, slug):
    """Such as `starter-3d-1.0.zip`."""
    kept = "".join(mark if mark.isascii() and (mark.isalnum() or mark in ".-_") else "-" for mark in version.name)
    return f"{slug}-{kept}.zip"


def variants(version, slug):
    """What the download button offers, what most want first."""
    files = [file for file in version.files.all() if file.state not in {"refused", "pending"}]
    if version.layout == ModelVersion.Layout.DIFFUSERS and len(files) > 1:
        return [Variant(archive_name(version, slug), sum(file.size for file in files), archive_url(version, slug))]
    files.sort(key=lambda file: (file.role != ModelFile.Role.MODEL, not is_precise(file), file.name))
    return [
        Variant(save_as(file), file.size, url_of(file, slug), file.precision, file.get_role_display(), file)
        for file in files
    ]


def is_precise(file):
    """Half precision first: it is what most cards draw with, and half as long to fetch."""
    return "16" in file.precision


def accelerated(path: Path) -> str:
    """What nginx is told to send instead of us (X-Accel-Redirect); empty without nginx or outside MODELS_DIR."""
    root = settings.MODELS_DIR.resolve()
    if not settings.ACCEL_REDIRECT or root not in path.resolve().parents:
        return ""
    return f"{settings.ACCEL_REDIRECT.rstrip('/')}/{quote(path.resolve().relative_to(root).as_posix())}"
