"""manage.py reconcile: what the workers do every few seconds, once, by hand."""

from django.core.management.base import BaseCommand

from generation.rendering import reaper


class Command(BaseCommand):
    help = "Return jobs of dead workers to the queue and issue missing tickets."

    def handle(self, **options):
        back, failed, issued = reaper.reconcile()
        self.stdout.write(f"{back} jobs back in the queue, {failed} failed, {issued} tickets issued.")
