"""`manage.py reindex`: build the search index of the models anew."""

from django.core.management.base import BaseCommand

from models_hub import search


class Command(BaseCommand):
    help = "Build the search index anew, after rows were changed behind the site's back."

    def handle(self, **options):
        self.stdout.write(f"{search.reindex()} models indexed")
