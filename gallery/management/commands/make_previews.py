"""manage.py make_previews: the previews that are still missing."""

from django.core.management.base import BaseCommand

from gallery.jobs import make_previews
from gallery.models import Picture


class Command(BaseCommand):
    help = "Make missing previews of pictures."

    def handle(self, **options):
        missing = Picture.objects.filter(preview_widths=[], deleted_at=None).values_list("pk", flat=True)
        for picture_id in missing.iterator():
            make_previews(picture_id)
        self.stdout.write(f"{len(missing)} pictures looked at.")
