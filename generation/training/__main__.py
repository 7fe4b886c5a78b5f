"""One worker of a training phase: `python -m generation.training text --work DIR --look 3d --minutes 20`."""

import argparse
import json
from pathlib import Path

from generation.training import phases
from generation.training.places import Workplace

PHASES = ("prepare", "vae", "text", "unet", "lora", "control", "evaluate", "export")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="generation.training")
    parser.add_argument("phase", choices=PHASES)
    parser.add_argument("--work", type=Path, required=True, help="folder for data, states and logs")
    parser.add_argument("--look", default="3d", help="3d, flat, or 3d+flat for a UNet both share")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--resume", action="store_true", help="go on from the saved state, if there is one")
    parser.add_argument("--start", help="another look, or a pipeline folder, to begin with")
    parser.add_argument("--models", type=Path, default=Path("models_hub/starter"), help="folder of the shipped models")
    parser.add_argument("--only", help="slug of the one model to export")
    parser.add_argument("--set", type=json.loads, default={}, help='settings as JSON, e.g. {"lr": 0.001}')
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    place = Workplace(options.work)
    phase = getattr(phases, options.phase)
    if options.phase in ("text", "control"):
        phase(place, options.look, options.minutes, options.resume, options.start, options.set)
    elif options.phase == "unet":
        looks = tuple(options.look.split("+"))
        phase(place, looks, options.minutes, options.resume, options.start, options.set)
    elif options.phase in ("vae", "lora"):
        phase(place, options.minutes, options.set)
    elif options.phase == "evaluate":
        phase(place, options.look)
    elif options.phase == "export":
        phase(place, options.models, options.only)
    else:
        phase(place, options.models)


if __name__ == "__main__":
    main()
