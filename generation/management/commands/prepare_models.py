"""Convert checkpoints ahead of the first job that wants them."""

from django.conf import settings
from django.core.management.base import BaseCommand

from generation.engine.errors import EngineError
from generation.recipes import specs
from generation.rendering import sidecars
from models_hub.models import ModelVersion


class Command(BaseCommand):
    help = "Write the sidecars of published checkpoints, from which workers load them in a fraction of a second."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("slugs", nargs="*", metavar="MODEL", help="by default every published checkpoint")

    def handle(self, *args, slugs, **options):
        loader = sidecars.loader(specs.engine_settings()["sidecars"])
        versions = ModelVersion.objects.published().checkpoints().select_related("card").order_by("pk")
        for version in versions.filter(card__slug__in=slugs) if slugs else versions:
            self.prepare(loader, version)
        self.stdout.write(f"Sidecars are in {settings.SIDECARS_DIR}")

    def prepare(self, loader, version):
        try:
            sidecar = loader.prepare(specs.checkpoint_ref(version))
        except EngineError as error:
            self.stderr.write(str(error))
            return
        what = f"{sidecar.content['dtype']}, ready" if sidecar else "is read as it is"
        self.stdout.write(f"{version.card.slug}: {what}")
