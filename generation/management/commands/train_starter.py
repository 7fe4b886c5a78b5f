from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from generation.training.workers import launch

SHIPPED = Path(__file__).parents[3] / "models_hub" / "starter"
PHASES = ("prepare", "vae", "text", "unet", "lora", "control", "evaluate", "export")


class Command(BaseCommand):
    help = "Train the starter checkpoints: resumable, bounded in time, with a contact sheet at every save."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--work", type=Path, help="folder for data, states and logs (default DATA_DIR/training)")
        parser.add_argument("--phase", choices=PHASES, required=True)
        parser.add_argument(
            "--look", choices=("3d", "flat", "3d+flat"), default="3d", help="3d+flat: one UNet for both"
        )
        parser.add_argument("--minutes", type=float, default=20, help="wall minutes of a phase that trains")
        parser.add_argument("--workers", type=int, default=1, help="single-thread processes, at most one a core")
        parser.add_argument("--resume", action="store_true", help="go on from the saved state, if there is one")
        parser.add_argument("--start", help="another look, or a pipeline folder, to begin with")

    def handle(self, *args, **options) -> None:
        if options["minutes"] <= 0 or options["workers"] < 1:
            raise CommandError("--minutes must be more than 0 and --workers at least 1.")
        code = launch(arguments(options), options["workers"])
        if code:
            raise CommandError(f"The {options['phase']} phase stopped with exit code {code}; its log says why.")


def arguments(options: dict) -> list[str]:
    """The same wishes as arguments of `python -m generation.training`."""
    work = options["work"] or Path(settings.DATA_DIR) / "training"
    words = [options["phase"], "--work", str(work), "--look", options["look"], "--minutes", str(options["minutes"])]
    words += ["--models", str(SHIPPED)]
    words += ["--resume"] if options["resume"] else []
    return words + (["--start", options["start"]] if options["start"] else [])
