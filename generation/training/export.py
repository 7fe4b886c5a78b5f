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


def export_all(place: Workplace, root: Path) -> None:
    """Export every look whose pipeline is in the work folder, and the LoRA, then write the manifest."""
    for card in CARDS:
        if card["kind"] == "checkpoint" and place.pipeline(card["look"]).exists():
            export_checkpoint(place.pipeline(card["look"]), root / card["slug"])
            save_samples(load_pipeline(root / card["slug"]), card, root / card["slug"])
        elif card["kind"] == "lora" and place.lora(card["look"]).exists():
            export_lora(place.lora(card["look"]), root / card["slug"])
            pipeline = load_pipeline(root / card["base"])
            pipeline.load_lora_weights(root / card["slug"])
            save_samples(pipeline, card, root / card["slug"])
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


def save_samples(pipeline, card: dict, folder: Path) -> None:
    """Draw the card's example prompts and record how each was made."""
    samples = folder / "samples"
    shutil.rmtree(samples, ignore_errors=True)
    samples.mkdir(parents=True)
    prompts = [*card["example_prompts"]["en"], *card["example_prompts"]["zh"]][:10]
    steps, guidance = SETTINGS["steps"], SETTINGS["guidance"]
    record = []
    for number, prompt in enumerate(prompts, 1):
        # One by one, so that anyone can draw the same picture from the recorded seed.
        picture = draw(pipeline, [prompt], steps, guidance, SAMPLE_SEED)[0]
        picture.save(samples / f"{number}.webp", lossless=True)
        record.append(
            {"file": f"samples/{number}.webp", "prompt": prompt, "seed": SAMPLE_SEED, "steps": steps,
             "guidance": guidance}
        )  # fmt: skip
    (samples / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def _forget_paths(folder: Path) -> None:
    """Configurations remember the folder they were loaded from; that is nobody's business."""
    for path in folder.rglob("*.json"):
        content = json.loads(path.read_text())
        if isinstance(content, dict) and content.pop("_name_or_path", None) is not None:
            path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n")
