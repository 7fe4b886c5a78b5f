"""Packs finished models into models_hub/starter: float16 weights, configurations, samples, manifest."""

import json
import shutil
from pathlib import Path

import torch

from generation.training.cards import CARDS, SETTINGS
from generation.training.manifest import RECORD, write_manifest
from generation.training.pipeline import load_pipeline
from generation.training.places import Workplace
from generation.training.sheet import draw

SAMPLE_SEED = 7


def export_all(place: Workplace, root: Path, only: str | None = None) -> None:
    """Export every look whose pipeline is in the work folder, the LoRA and the ControlNet, then write the manifest.

    `only`: the slug of the one to export; the others stay as they are.
    """
    for card in CARDS:
        if only not in (None, card["slug"]):
            continue
        if card["kind"] == "checkpoint" and place.pipeline(card["look"]).exists():
            export_checkpoint(place.pipeline(card["look"]), root / card["slug"])
            save_samples(load_pipeline(root / card["slug"]), card, root / card["slug"])
        elif card["kind"] == "lora" and place.lora(card["look"]).exists():
            export_lora(place.lora(card["look"]), root / card["slug"])
            pipeline = load_pipeline(root / card["base"])
            pipeline.load_lora_weights(root / card["slug"])
            save_samples(pipeline, card, root / card["slug"])
        elif card["kind"] == "controlnet" and place.control(card["look"]).exists():
            export_control(place.control(card["look"]), root / card["slug"])
            save_guided_samples(place, root / card["base"], card, root / card["slug"])
    write_manifest(root)


def export_checkpoint(pipeline: Path, folder: Path) -> None:
    """A diffusers folder in float16."""
    model = load_pipeline(pipeline).to(dtype=torch.float16)
    for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler"):
        shutil.rmtree(folder / part, ignore_errors=True)
    model.save_pretrained(folder)
    _forget_paths(folder)


def export_lora(source: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "pytorch_lora_weights.safetensors", folder)


def export_control(source: Path, folder: Path) -> None:
    """A ControlNet folder in float16."""
    from diffusers import ControlNetModel

    ControlNetModel.from_pretrained(source).to(dtype=torch.float16).save_pretrained(folder)
    _forget_paths(folder)


def save_guided_samples(place: Workplace, base: Path, card: dict, folder: Path) -> None:
    """Draw the card's example prompts along moved lines, which are kept beside each sample."""
    from diffusers import ControlNetModel

    from generation.training import control_sheet
    from generation.training.latents import load_training_set
    from generation.training.scenes import Scenes

    network = ControlNetModel.from_pretrained(folder, torch_dtype=torch.float32)
    pipeline = control_sheet.steered(load_pipeline(base), network)
    data, prompts = load_training_set(place, card["look"]), _prompts(card)
    lines = control_sheet.moved_lines(Scenes(place, card["look"]), data, card["guides"], SAMPLE_SEED)

    def picture(number: int, prompt: str):
        lines[number].save(folder / "samples" / f"{number + 1}-lines.webp", lossless=True)
        return control_sheet.draw(pipeline, [prompt], [lines[number]], SAMPLE_SEED)[0]

    _record(folder, prompts, picture)


def save_samples(pipeline, card: dict, folder: Path) -> None:
    """Draw the card's example prompts and record how each was made."""
    steps, guidance = SETTINGS["steps"], SETTINGS["guidance"]
    # One by one, so that anyone can draw the same picture from the recorded seed.
    _record(folder, _prompts(card), lambda _, prompt: draw(pipeline, [prompt], steps, guidance, SAMPLE_SEED)[0])


def _prompts(card: dict) -> list[str]:
    return [*card["example_prompts"]["en"], *card["example_prompts"]["zh"]][:10]


def _record(folder: Path, prompts: list[str], picture) -> None:
    """Save `picture(number, prompt)` for every prompt, and how each was made."""
    samples = folder / "samples"
    shutil.rmtree(samples, ignore_errors=True)
    samples.mkdir(parents=True)
    made = {"seed": SAMPLE_SEED, "steps": SETTINGS["steps"], "guidance": SETTINGS["guidance"]}
    record = []
    for number, prompt in enumerate(prompts):
        name = f"samples/{number + 1}.webp"
        picture(number, prompt).save(folder / name, lossless=True)
        record.append({"file": name, "prompt": prompt, **made})
    (samples / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def _forget_paths(folder: Path) -> None:
    """Configurations remember the folder they were loaded from; that is nobody's business."""
    for path in folder.rglob("*.json"):
        content = json.loads(path.read_text())
        if isinstance(content, dict) and content.pop("_name_or_path", None) is not None:
            path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
