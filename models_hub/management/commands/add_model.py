"""Add a model from files, or from a hub where the network allows it."""

import os
import re
import tempfile
from pathlib import Path

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from models_hub import services
from models_hub.inspection import BadFile, inspect
from models_hub.inspection.architecture import DRAWN_FAMILIES
from visionary.common.exceptions import DomainError

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+\Z")
# What a diffusers repository needs; never pickles, never code.
HUB_FILES = ["*.json", "*/*.json", "*/*.txt", "*/*.safetensors"]
KINDS = ("checkpoint", "lora")


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Add a .safetensors file, a diffusers folder, a folder of many, or a hub name such as owner/model."

    def add_arguments(self, parser):
        parser.add_argument("source", metavar="PATH|HUB-NAME")
        parser.add_argument("--name", help="by default the file's or folder's name")
        parser.add_argument("--kind", choices=KINDS, help="by default what the header says")
        parser.add_argument("--family", help=f"by default what the header says: {', '.join(DRAWN_FAMILIES)}")
        parser.add_argument("--owner", metavar="USERNAME")

    def handle(self, *args, source, **options):
        if Path(source).exists():
            self.add_all(Path(source).resolve(), options)
        elif HUB_NAME.match(source) and not source.startswith(("./", "../")):
            with tempfile.TemporaryDirectory() as scratch:
                self.add_all(download(source, Path(scratch)), options)
        else:
            raise CommandError(f"{source} does not exist.")

    def add_all(self, path, options):
        found = list(models_in(path))
        if not found:
            raise CommandError(f"{path} holds no .safetensors file and no diffusers folder.")
        failures = [each for each in found if not self.add(each, options)]
        if failures:
            raise CommandError(f"{len(failures)} of {len(found)} could not be added.")

    def add(self, path, options):
        """Register one file or folder. False, with the reason on stderr, when it cannot be used."""
        try:
            report = inspect(path)
            version = services.add_model(
                path=path,
                name=options["name"] or path.stem,
                kind=options["kind"] or usable_kind(report, path),
                family=options["family"] or usable_family(report, path),
                layout=report.layout,
                owner=find_owner(options["owner"]),
            )
        except (BadFile, DomainError) as error:
            self.stderr.write(str(error))
            return False
        self.stdout.write(f"{version.card.slug}: {version.card.kind}, {version.card.family}, {version.sha256[:12]}")
        return True


def models_in(path):
    """The models at `path`: itself, or each one directly inside a folder."""
    if path.is_file() or (path / "model_index.json").exists():
        yield path
        return
    for each in sorted(path.iterdir()):
        if each.suffix == ".safetensors" or (each / "model_index.json").exists():
            yield each


def usable_kind(report, path):
    if report.kind not in KINDS:
        raise DomainError(f"{path.name} is of the kind “{report.kind}”, which cannot be used yet.")
    return report.kind


def usable_family(report, path):
    if report.kind == "checkpoint" and report.family not in DRAWN_FAMILIES:
        what = f"of the family “{report.family or 'unknown'}”"
        raise DomainError(f"{path.name} is {what}, which cannot be drawn with yet. Use --family if that is wrong.")
    return report.family


def find_owner(username):
    if not username:
        return None
    owner = get_user_model().objects.filter(username=username).first()
    if owner is None:
        raise CommandError(f"There is no user named “{username}”.")
    return owner


def download(name, scratch):
    """A diffusers repository of a hub as a folder. Raises CommandError when it cannot be had."""
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when the library is imported
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise CommandError(
            "Hub names need the package huggingface_hub; install the site with its [ml] extra."
        ) from None
    target = scratch / name.rsplit("/", 1)[-1]
    try:
        snapshot_download(name, local_dir=target, allow_patterns=HUB_FILES)
    except Exception as error:
        # Anything from no network to a gated repository; the library's first line says which.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise CommandError(
            f"{name} could not be downloaded: {reason.rstrip('. ')}. Or give a path to files you have."
        ) from error
    return target
