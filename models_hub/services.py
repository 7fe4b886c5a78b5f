"""Registering models: the starters that come with the site, and those an operator adds."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from models_hub.models import ModelCard, ModelFile, ModelSample, ModelVersion
from visionary.common import files
from visionary.common.exceptions import DomainError

STARTERS = Path(__file__).resolve().parent / "starter"
WEIGHTS = ".safetensors"
# Words of addresses below /models/ that are no model's.
RESERVED = {"new", "mine", "preview"}


def digest_of(digests):
    """The identity of a version: the file's digest, or the digest over all files' names and digests."""
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{name}\n{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def weight_files(path: Path):
    """The files whose digests make a version: the single file, or all files of a folder but samples."""
    if path.is_file():
        return {path.name: path}
    found = (file for file in path.rglob("*") if file.is_file() and "samples" not in file.relative_to(path).parts)
    return {file.relative_to(path).as_posix(): file for file in sorted(found)}


@transaction.atomic
def add_version(*, card, path: Path, layout, name="1.0", stored_as=None, digests=None, **fields):
    """Publish the weights at `path` as a version of `card`; the same weights twice give the same version.

    `stored_as` is what ModelVersion.path records (default: `path` itself); `digests` are the files' SHA-256 where
    they are known already. Returns (version, created).
    """
    found = weight_files(path)
    digests = digests or {key: files.sha256_of(file) for key, file in found.items()}
    found = {key: found[key] for key in digests}
    sha256 = digest_of(digests)
    fields |= {"layout": layout, "path": str(stored_as or path), "name": name}
    fields["size"] = sum(file.stat().st_size for file in found.values())
    version = ModelVersion.objects.filter(card=card, sha256=sha256).order_by("pk").first()
    if version is not None:
        ModelVersion.objects.filter(pk=version.pk).update(**fields)
        version.refresh_from_db()
        return version, False
    version = ModelVersion.objects.create(card=card, sha256=sha256, published_at=timezone.now(), **fields)
    ModelFile.objects.bulk_create(
        ModelFile(version=version, name=key, size=found[key].stat().st_size, sha256=digest)
        for key, digest in digests.items()
    )
    # Lists sort by these.
    ModelCard.objects.filter(pk=card.pk).update(last_version_at=version.published_at)
    ModelCard.objects.filter(pk=card.pk, published_at=None).update(published_at=version.published_at)
    return version, True


def add_model(*, path: Path, digests, name, kind, family, layout, owner=None, trigger_words=()):
    """Copy a model file or folder into MODELS_DIR and publish it (an operator's word is enough).

    `digests` are {name inside the folder, or of the file: SHA-256}; nothing else is copied. Raises DomainError when
    there is no room. Returns (version, created); not created: these weights were here already.
    """
    known = ModelVersion.objects.filter(sha256=digest_of(digests)).select_related("card").order_by("pk").first()
    if known is not None:
        return known, False
    target = copy_in(path, digests)
    stored_as = target.relative_to(settings.MODELS_DIR)
    with transaction.atomic():
        card = ModelCard.objects.create(
            slug=free_slug(name), name=name, kind=kind, family=family, owner=owner, status=ModelCard.Status.PUBLISHED
        )
        version, _created = add_version(
            card=card,
            path=target,
            layout=layout,
            stored_as=stored_as,
            digests=digests,
            trigger_words=list(trigger_words),
        )
    return version, True


def copy_in(path: Path, digests) -> Path:
    """A copy of `path` below MODELS_DIR, under a name made of its content; whole or not at all."""
    found = {name: path / name if path.is_dir() else path for name in digests}
    need = sum(file.stat().st_size for file in found.values())
    settings.MODELS_DIR.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.MODELS_DIR).free < need + 64 * 1024 * 1024:
        message = _("There is no room for %(megabytes)d MB in %(folder)s. Free some space or set MODELS_DIR.")
        raise DomainError(message % {"megabytes": need // 1_000_000, "folder": settings.MODELS_DIR}, code="disk_full")
    digest = digest_of(digests)
    target = settings.MODELS_DIR / digest[:2] / digest / path.name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.MODELS_DIR, prefix=".part-") as aside:
            copied = Path(aside) / path.name
            for name, file in found.items():
                place = copied / name if path.is_dir() else copied
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file, place)
            copied.rename(target)
    return target


def free_slug(name):
    """A slug for `name` that no other model has."""
    base = slugify(name, allow_unicode=False)[:90] or "model"
    slug, number = base, 2
    while slug in RESERVED or ModelCard.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


def register_starters():
    """Register the checkpoints that come with the site; new weights become a new version. Returns the versions."""
    manifest = json.loads((STARTERS / "manifest.json").read_text())
    return [register_starter(entry) for entry in manifest["models"]]


@transaction.atomic
def register_starter(entry):
    """One entry of the manifest as ModelCard, ModelVersion and samples."""
    card, _created = ModelCard.objects.update_or_create(slug=entry["slug"], defaults=starter_card(entry))
    version, created = add_version(
        card=card,
        path=STARTERS / entry["slug"],
        layout=ModelVersion.Layout.DIFFUSERS,
        digests={file["path"]: file["sha256"] for file in entry["files"]},
        name=entry.get("version", "1.0"),
        trigger_words=entry.get("trigger_words", []),
        settings=entry.get("settings", {}),
        example_prompts=entry.get("example_prompts", []),
    )
    if created:
        for position, sample in enumerate(entry.get("samples", [])):
            add_sample(version, position, sample, STARTERS / entry["slug"])
    return version


def starter_card(entry):
    return {
        "name": entry["name"]["en"],
        "name_zh": entry["name"]["zh"],
        "kind": entry["kind"],
        "family": entry["family"],
        "description": entry["description"]["en"],
        "description_zh": entry["description"]["zh"],
        "licence": entry["licence"],
        "attribution": entry["attribution"],
        "status": ModelCard.Status.PUBLISHED,
    }


def add_sample(version, position, sample, folder):
    row = ModelSample(version=version, position=position, prompt=sample["prompt"], seed=sample["seed"])
    with open(folder / sample["file"], "rb") as file:
        row.image.save(Path(sample["file"]).name, File(file))
