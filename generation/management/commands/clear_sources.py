"""manage.py clear_sources: what the small-jobs worker does a few times a day, once, by hand."""

from django.core.management.base import BaseCommand

from generation.asking import sources


class Command(BaseCommand):
    help = "Remove source pictures that nobody has used for a month."

    def handle(self, **options):
        self.stdout.write(f"{sources.clear()} source pictures removed.")
