"""Draw a picture here and now: no server, no queue, no Redis."""

import secrets
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from gallery.pngmeta import save_png
from generation import limits
from generation.asking.drafts import DEFAULTS
from generation.engine.errors import EngineError
from generation.engine.samplers import SAMPLERS, get_sampler
from generation.engine.spec import RenderSpec
from generation.recipes import specs
from models_hub.models import ModelVersion
from visionary.common.exceptions import DomainError

OPTIONS = {"steps": int, "guidance": float, "width": int, "height": int}
BAR = 30  # characters


class Command(BaseCommand):
    help = "Draw a picture in this process and save it as PNG with its recipe."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("prompt")
        parser.add_argument("--model", metavar="SLUG", help="a registered checkpoint; by default the newest")
        parser.add_argument("--negative", default="", metavar="TEXT", help="what should not be in the picture")
        parser.add_argument("--seed", type=int, help="the same seed gives the same pixels; by default a random one")
        parser.add_argument("--sampler", help=f"one of: {', '.join(SAMPLERS)}")
        parser.add_argument("--lora", action="append", default=[], metavar="SLUG[:WEIGHT]", help="may be repeated")
        parser.add_argument("--upscale", type=int, default=1, help="4: finish with Real-ESRGAN, four times as large")
        parser.add_argument("--out", type=Path, metavar="FILE.png", help="by default picture-SEED.png")
        for name, kind in OPTIONS.items():
            parser.add_argument(f"--{name}", type=kind, help="by default what the model's page recommends")

    def handle(self, *args, **options):
        try:
            version = find_version("checkpoint", options["model"])
            spec = make_spec(version, options)
            target = writable(options["out"] or Path(f"picture-{spec.seeds[0]}.png"))
            rendered = self.draw(spec)
            save_png(rendered.images[0], target, recipe(version, spec, rendered))
        except (DomainError, EngineError, OSError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(f"The database is not ready ({error}). Run: manage.py migrate") from error
        except KeyboardInterrupt:
            raise CommandError("Stopped; nothing was saved.", returncode=130) from None
        self.stdout.write(f"{target}: seed {spec.seeds[0]}, {sum(rendered.seconds.values()):.2f} s")

    def draw(self, spec):
        from generation.engine.runner import Engine

        try:
            return Engine(**specs.engine_settings()).render(spec, self.show)
        finally:
            self.stderr.write("")

    def show(self, event):
        """One line that is written over as the picture comes along."""
        filled = BAR * event.step // max(event.steps, 1)
        line = f"\r{event.stage:<10} [{'#' * filled}{'.' * (BAR - filled)}] {event.step}/{event.steps}"
        self.stderr.write(f"{line:<60}", ending="")
        self.stderr.flush()


def find_version(kind, slug):
    """The newest version of a published model, or of the one with that slug. Raises CommandError."""
    versions = ModelVersion.objects.published().filter(card__kind=kind).select_related("card")
    version = (versions.filter(card__slug=slug) if slug else versions).first()
    if version is None:
        known = (
            ", ".join(sorted(set(versions.values_list("card__slug", flat=True))))
            or "none; start the site once (manage.py run) or use manage.py add_model"
        )
        raise CommandError(f"There is no {kind} named “{slug or ''}”. Known: {known}.")
    return version


def make_spec(version, options):
    """The RenderSpec asked for; what is not given comes from the model's recommendation. Raises CommandError."""
    chosen = {name: options[name] for name in (*OPTIONS, "sampler") if options[name] is not None}
    recommended = {name: value for name, value in version.settings.items() if name in DEFAULTS}
    fields = DEFAULTS | recommended | chosen | {"prompt": options["prompt"], "negative_prompt": options["negative"]}
    fields["upscale"] = options["upscale"]
    seed = secrets.randbelow(limits.MAX_SEED) if options["seed"] is None else options["seed"]
    get_sampler(fields["sampler"])  # its sentence names them all
    # The site's limits, so that the site can repeat what was drawn here.
    limits.check(fields | {"seed": seed, "count": 1}, version.card.family)
    loras = tuple(lora(text) for text in options["lora"])
    return RenderSpec(checkpoint=specs.checkpoint_ref(version), seeds=(seed,), loras=loras, **fields)


def lora(text):
    """A LoraRef from SLUG or SLUG:WEIGHT. Raises CommandError."""
    slug, _, weight = text.partition(":")
    try:
        strength = float(weight or 1)
    except ValueError:
        raise CommandError(f"--lora {text}: the weight after the colon must be a number.") from None
    limits.check_number("weight", strength, *limits.LORA_WEIGHT)
    return specs.lora_ref(find_version("lora", slug), strength)


def writable(path):
    """The path, once it is sure that a file can be made there. Raises CommandError."""
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise CommandError(f"{path} cannot be written: give a file name in a folder that exists.")
    return path


def recipe(version, spec, rendered):
    """What pngmeta writes into the file."""
    return {
        "prompt": spec.prompt,
        "negative_prompt": spec.negative_prompt,
        "seed": spec.seeds[0],
        "steps": spec.steps,
        "guidance": spec.guidance,
        "sampler": SAMPLERS[spec.sampler].label,
        "width": spec.width,
        "height": spec.height,
        "upscale": spec.upscale,
        "model_name": str(version.card),
        "model_sha256": version.sha256,
        "loras": [{"name": lora.name, "sha256": lora.key, "weight": lora.weight} for lora in spec.loras],
        "facts": rendered.facts,
    }
