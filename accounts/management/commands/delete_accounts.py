"""manage.py delete_accounts: what the small-jobs worker does every hour, once, by hand."""

from django.core.management.base import BaseCommand

from accounts import deletion, exporting


class Command(BaseCommand):
    help = "Delete the accounts whose days of grace are over, and archives that have expired."

    def handle(self, **options):
        self.stdout.write(f"{deletion.delete_due()} accounts and {exporting.clear()} archives deleted.")
