"""Contact sheets: what the model draws for a list of prompts, on one picture."""

from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont

from generation.training.places import SIZE

BAND = 16  # pixels for the label above each picture
FONTS = (
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)
# Drawn at every save: both languages, faces, things, colours never trained, backgrounds.
WATCHED = [
    "a red apple", "一只猫", "a rocket", "雪人", "dog", "向日葵", "car", "房子", "pizza", "章鱼", "guitar", "火车",
    "smiling face with sunglasses", "草莓", "a tree", "企鹅", "a blue apple", "green cat face", "purple rocket",
    "蓝色的苹果", "a heart on a blue background", "熊猫", "cup of coffee", "自行车",
]  # fmt: skip


def draw(pipeline, prompts: list[str], steps: int = 12, guidance: float = 2.0, seed: int = 0, batch: int = 8):
    """One picture a prompt; picture k has the seed `seed` + k."""
    pictures = []
    for start in range(0, len(prompts), batch):
        chunk = prompts[start : start + batch]
        generators = [torch.Generator().manual_seed(seed + start + k) for k in range(len(chunk))]
        pictures += pipeline(
            chunk, height=SIZE, width=SIZE, num_inference_steps=steps, guidance_scale=guidance, generator=generators
        ).images
    return pictures


def contact_sheet(pictures: list[Image.Image], labels: list[str], columns: int = 8) -> Image.Image:
    """Pictures in rows, each under its label."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * SIZE, rows * (SIZE + BAND)), "white")
    pen, font = ImageDraw.Draw(sheet), _font()
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        left, top = number % columns * SIZE, number // columns * (SIZE + BAND)
        sheet.paste(picture, (left, top + BAND))
        pen.text((left + 2, top + 1), label[:21], fill="black", font=font)
    return sheet


def _font():
    path = next((Path(name) for name in FONTS if Path(name).exists()), None)
    return ImageFont.truetype(str(path), 12) if path else ImageFont.load_default()
