"""One worker of a training phase: `python -m generation.training text --work DIR --look 3d --minutes 20`."""

import argparse
import json
from pathlib import Path

from generation.training import phases
from generation.training.places import Workplace


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="generation.training")
    parser.add_argument("phase", choices=("prepare", "text", "unet"))
    parser.add_argument("--work", type=Path, required=True, help="folder for data, states and logs")
    parser.add_argument("--look", default="3d", choices=("3d", "flat"))
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--resume", action="store_true", help="go on from the saved state, if there is one")
    parser.add_argument("--start", help="another look, or a pipeline folder, to begin with")
    parser.add_argument("--vae", type=Path, help="folder of a trained VAE")
    parser.add_argument("--set", type=json.loads, default={}, help='settings as JSON, e.g. {"lr": 0.001}')
    return parser.parse_args(arguments)


def main() -> None:
    options = parse()
    place = Workplace(options.work)
    if options.phase == "prepare":
        phases.prepare(place, options.vae)
    else:
        phase = {"text": phases.text, "unet": phases.unet}[options.phase]
        phase(place, options.look, options.minutes, options.resume, options.start, options.set)


if __name__ == "__main__":
    main()
