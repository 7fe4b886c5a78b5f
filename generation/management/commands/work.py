"""manage.py work render | small: one worker, until it is asked to stop."""

from django.core.management.base import BaseCommand

from generation.rendering import worker
from generation.scheduling import tickets


class Command(BaseCommand):
    help = "Run a worker: `render` draws pictures (one per device), `small` does everything short."

    def add_arguments(self, parser):
        parser.add_argument("queue", choices=[tickets.RENDER, tickets.SMALL])
        parser.add_argument("--child", action="store_true", help="take tickets in this process (used by the keeper)")

    def handle(self, queue, child, **options):
        if child:
            worker.run_child(queue)
        else:
            worker.Keeper(queue).run()
