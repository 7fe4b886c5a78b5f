"""Add models from files, folders, or a hub where the network allows it."""

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from models_hub import findings, hubs, operators
from models_hub.inspection import BadFile
from models_hub.inspection.families import DRAWN_FAMILIES
from models_hub.models import ModelCard
from visionary.common.exceptions import DomainError


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Add .safetensors files, diffusers folders, folders of many, or hub names such as owner/model."

    def add_arguments(self, parser):
        parser.add_argument("sources", metavar="PATH|HUB-NAME", nargs="+")
        parser.add_argument("--name", help="by default the file's or folder's name")
        parser.add_argument("--kind", choices=ModelCard.Kind.values, help="by default what the header says")
        parser.add_argument("--family", help=f"by default what the header says: {', '.join(DRAWN_FAMILIES)}")
        parser.add_argument("--owner", metavar="USERNAME")
        parser.add_argument(
            "--share-only", action="store_true", help="also add what this site cannot draw with, for download"
        )
        parser.add_argument("--hub", default=os.environ.get("HF_ENDPOINT", hubs.HUB), help="address of the hub")

    def handle(self, *args, sources, **options):
        options["owner"] = find_owner(options["owner"])
        settings.MODELS_DIR.mkdir(parents=True, exist_ok=True)
        # Beside the models, where there is room for them.
        with tempfile.TemporaryDirectory(dir=settings.MODELS_DIR, prefix=".part-hub-") as scratch:
            found = [path for source in sources for path in self.found_at(source, Path(scratch), options)]
            results = [self.add(path, options) for path in found]
        if failures := results.count(False):
            raise CommandError(f"{failures} of {len(found)} could not be added.")

    def found_at(self, source, scratch, options):
        path = Path(source)
        if not path.exists():
            if not hubs.NAME.match(source):
                raise CommandError(f"{source} does not exist.")
            try:
                path = hubs.fetch(source, scratch, options["hub"].rstrip("/"), self.stdout.write)
            except DomainError as error:
                raise CommandError(str(error)) from error
        found = list(models_in(path.resolve()))
        if not found:
            raise CommandError(f"{source} holds no .safetensors file and no diffusers folder.")
        return found

    def add(self, path, options):
        """Register one file or folder. False, with the reason on stderr, when it cannot be used."""
        try:
            version, created = operators.add(
                path,
                name=options["name"],
                kind=options["kind"],
                family=options["family"],
                owner=options["owner"],
                share_only=options["share_only"],
            )
        except (BadFile, DomainError) as error:
            self.stderr.write(f"{path.name}: {error}")
            return False
        card = version.card
        said = "" if created else "here already: "
        self.stdout.write(f"{said}{card.slug}: {card.kind}, {card.family or 'unknown family'}, {version.sha256[:12]}")
        for finding in (one for file in version.files.all() for one in file.findings.all()):
            self.stdout.write(f"  {findings.sentence(finding)}")
        return True


def models_in(path):
    """The models at `path`: itself, or each one directly inside a folder."""
    if path.is_file() or (path / "model_index.json").exists():
        yield path
        return
    for each in sorted(path.iterdir()):
        if each.suffix == ".safetensors" or (each / "model_index.json").exists():
            yield each


def find_owner(username):
    if not username:
        return None
    owner = get_user_model().objects.filter(username=username).first()
    if owner is None:
        raise CommandError(f"There is no user named “{username}”.")
    return owner
