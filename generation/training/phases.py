"""The phases of a training run, each bounded in time and resumable."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

from generation.training.places import Workplace
from generation.training.running import Log
from generation.training.workers import Workers


def prepare(place: Workplace, vae: Path) -> None:
    """Fetch the packages, choose the concepts, learn the tokenizer, render and encode both looks."""
    from generation.training import captions, concepts, latents, pictures, tokenizer

    pictures.fetch_packages(place)
    chosen = concepts.read_concepts(place.package("names"))
    concepts.save_concepts(chosen, place.concepts)
    tokenizer.train_tokenizer(captions.corpus(chosen, random.Random(0)), place.tokenizer)
    if not place.vae.exists():
        shutil.copytree(vae, place.vae)
    for look in ("3d", "flat", "line"):
        pictures.render_look(place, look, chosen)
        latents.encode_look(place, look)


def text(place: Workplace, look: str, minutes: float, resume: bool, start: str | None, settings: dict) -> None:
    """Train a look's text encoder; `start` names another look whose text encoder to begin with."""
    from generation.training.text import TextShape
    from generation.training.text_training import TextPlan, TextRun

    workers = Workers()
    run = TextRun(place, look, replace(TextPlan(), **settings), TextShape(), workers)
    if resume and place.text_state(look).exists():
        run.resume()
    elif start:
        run.resume(place.text_state(start))
    run.train(minutes * 60, Log(place.root / f"text-{look}.jsonl", quiet=not workers.leads))


def unet(place: Workplace, look: str, minutes: float, resume: bool, start: str | None, settings: dict) -> None:
    """Train a look's UNet; `start` is another look, or a pipeline folder whose UNet to begin with."""
    from diffusers import UNet2DConditionModel

    from generation.training.pipeline import forget_text
    from generation.training.unet_training import PaintPlan, PaintRun

    workers, model = Workers(), None
    if start and Path(start).is_dir():
        model = UNet2DConditionModel.from_pretrained(Path(start) / "unet", torch_dtype=None).float()
        forget_text(model)
    run = PaintRun(place, look, replace(PaintPlan(), **settings), workers, model)
    if resume and place.unet_state(look).exists():
        run.resume()
    elif start and model is None:
        run.resume(place.unet_state(start))
    run.train(minutes * 60, Log(place.root / f"unet-{look}.jsonl", quiet=not workers.leads))
