"""The phases of a training run, each bounded in time and resumable."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

from generation.training.places import Workplace
from generation.training.running import Log
from generation.training.workers import Workers

LOOKS = ("3d", "flat", "line")


def prepare(place: Workplace, models: Path) -> None:
    """Fetch the packages, choose the concepts, learn the tokenizer, render every look, and encode the pictures.

    The VAE in the work folder is used, else the one shipped in `models`; with neither, run the vae phase next and
    prepare again.
    """
    from generation.training import captions, concepts, latents, pictures, tokenizer

    pictures.fetch_packages(place)
    chosen = concepts.read_concepts(place.package("names"))
    concepts.save_concepts(chosen, place.concepts)
    tokenizer.train_tokenizer(captions.corpus(chosen, random.Random(0)), place.tokenizer)
    for look in LOOKS:
        pictures.render_look(place, look, chosen)
    shipped = models / "starter-3d" / "vae"
    if not place.vae.exists() and shipped.exists():
        shutil.copytree(shipped, place.vae)
    if place.vae.exists():
        for look in LOOKS:
            latents.encode_look(place, look)


def vae(place: Workplace, minutes: float, settings: dict) -> None:
    """Train the autoencoder anew. Latents encoded with another one are worthless afterwards."""
    from generation.training.vae import VaePlan, VaeRun

    workers = Workers()
    run = VaeRun(place, replace(VaePlan(), **settings), workers)
    run.train(minutes * 60, Log(place.root / "vae.jsonl", quiet=not workers.leads))


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


def unet(place: Workplace, looks: tuple[str, ...], minutes: float, resume: bool, start: str | None, settings: dict):
    """Train the UNet that all looks share; `start` is a pipeline folder whose UNet to begin with."""
    from diffusers import UNet2DConditionModel

    from generation.training.pipeline import forget_text
    from generation.training.unet_training import PaintPlan, PaintRun

    workers, model = Workers(), None
    resume = resume and place.unet_state().exists()
    if start and not resume:
        model = UNet2DConditionModel.from_pretrained(Path(start) / "unet").float()
        forget_text(model)
    run = PaintRun(place, looks, replace(PaintPlan(), **settings), workers, model)
    if resume:
        run.resume()
    run.train(minutes * 60, Log(place.root / "unet.jsonl", quiet=not workers.leads))


def lora(place: Workplace, minutes: float, settings: dict) -> None:
    """Train the line-drawing LoRA on the 3D pipeline."""
    from generation.training.lora import LoraPlan, LoraRun

    Workers()
    run = LoraRun(place, "line", place.pipeline("3d"), replace(LoraPlan(), **settings))
    run.train(minutes * 60, Log(place.root / "lora-line.jsonl", quiet=False))
    run.save(place.lora("line"))


def control(place: Workplace, look: str, minutes: float, resume: bool, start: str | None, settings: dict) -> None:
    """Train the ControlNet that follows edges, on the pipeline in the folder `start` (the look's own by default)."""
    from generation.training.control import ControlPlan, ControlRun

    Workers()
    base = Path(start) if start else place.pipeline(look)
    run = ControlRun(place, look, base, replace(ControlPlan(), **settings))
    if resume and place.control_state(look).exists():
        run.resume()
    run.train(minutes * 60, Log(place.root / f"control-{look}.jsonl", quiet=False))
    print(run.measure())


def evaluate(place: Workplace, look: str) -> None:
    """Measure retrieval (retrieval-<look>.json in the work folder) and draw the hundred-noun sheets."""
    from generation.training.quiz import hold
    from generation.training.retrieval import measure, save_figures

    Workers()
    print(hold(place, look))
    figures = measure(place, look, place.pipeline(look))
    print(figures)
    save_figures(figures, place.root / f"retrieval-{look}.json")


def export(place: Workplace, models: Path, only: str | None = None) -> None:
    """Pack everything finished, or the one model `only`, into the folder the site reads."""
    from generation.training.export import export_all

    Workers()
    export_all(place, models, only)
