"""What a person might type to get a given picture, in English and Chinese."""

import random
import re
from dataclasses import dataclass

from generation.training.colours import BACKGROUNDS, HUES
from generation.training.concepts import Concept

STYLES = {
    "3d": (["3d icon", "3d render", "3d style", "3d"], ["3D图标", "3D渲染", "立体图标", "3D风格"]),
    "flat": (
        ["flat icon", "flat illustration", "flat style", "vector art"],
        ["扁平图标", "扁平插画", "扁平风格", "矢量图"],
    ),
    "noto": (["cartoon icon", "cartoon style", "cartoon"], ["卡通图标", "卡通风格", "卡通"]),
    "line": (["line icon", "line art", "black and white line art"], ["线条图标", "线稿", "黑白线条"]),
}
PRAISE_EN = ["masterpiece, best quality", "high quality", "best quality, highly detailed", "cute", "beautiful", "8k"]
PRAISE_ZH = ["杰作", "最佳质量", "高清，精致", "可爱", "高质量"]
# What people put into the negative box: it must act like an empty caption, not like a picture of its own.
DISLIKES = [
    "low quality, blurry", "worst quality, low quality, bad anatomy", "watermark, text, signature", "ugly, deformed",
    "blurry", "nsfw", "低质量，模糊", "最差质量", "水印，文字", "模糊",
]  # fmt: skip
COLOUR_EN = re.compile(r"\b(?:red|orange|yellow|green|blue|purple|pink|white|black|brown|light blue)\b ?(?=\S)")
COLOUR_ZH = re.compile(r"^[红橙黄绿蓝紫粉黑白棕青]色?的?(?=.)")

EMPTY_SHARE, CHINESE_SHARE, STYLE_SHARE, PRAISE_SHARE = 0.10, 0.45, 0.45, 0.07


@dataclass(frozen=True)
class Item:
    """One training picture: a concept as it is ("plain"), in another colour, or on a coloured background.

    `colour` is the new colour or the background; for a plain picture the colour it has anyway, if it has one.
    """

    concept: int
    kind: str
    colour: str | None = None


def caption(concept: Concept, item: Item, look: str, rng: random.Random) -> str:
    """A caption for the picture; sometimes empty or a negative phrase, which teaches unguided drawing."""
    if rng.random() < EMPTY_SHARE:
        return rng.choice(DISLIKES) if rng.random() < 0.3 else ""
    chinese = bool(concept.zh) and rng.random() < CHINESE_SHARE
    parts = _subject_zh(concept, item, rng) if chinese else _subject_en(concept, item, rng)
    parts += _background(item, chinese, rng)
    if rng.random() < STYLE_SHARE:
        # Now and then another look's words: a checkpoint has one look, and must not stumble over the others.
        named = look if rng.random() < 0.85 else rng.choice(list(STYLES))
        word = rng.choice(STYLES[named][chinese])
        parts.insert(len(parts) if rng.random() < 0.75 else 0, word)
    if rng.random() < PRAISE_SHARE:
        parts.insert(rng.choice([0, len(parts)]), rng.choice(PRAISE_ZH if chinese else PRAISE_EN))
    return ("，" if chinese and rng.random() < 0.6 else ", ").join(parts)


def corpus(concepts: list[Concept], rng: random.Random) -> list[str]:
    """Texts from which the tokenizer learns its pieces: every name and tag, and captions of all kinds."""
    texts = []
    for index, concept in enumerate(concepts):
        names = [*concept.en, *concept.zh, *concept.en_tags, *concept.zh_tags]
        texts += names + names
        for look in STYLES:
            for item in (
                Item(index, "plain"),
                Item(index, "colour", rng.choice(list(HUES))),
                Item(index, "background", rng.choice(list(BACKGROUNDS))),
            ):
                texts += [caption(concept, item, look, rng) for _ in range(3)]
    return texts + (PRAISE_EN + PRAISE_ZH + DISLIKES) * 20


def _name(names: list[str], rng: random.Random) -> str:
    return names[0] if rng.random() < 0.6 else rng.choice(names)


def _subject_en(concept: Concept, item: Item, rng: random.Random) -> list[str]:
    name = _name(concept.en, rng)
    if item.kind == "colour" or (item.kind == "plain" and item.colour and rng.random() < 0.15):
        name = f"{item.colour} {COLOUR_EN.sub('', name)}"
    elif concept.en_tags and rng.random() < 0.2:
        tags = rng.sample(concept.en_tags, min(len(concept.en_tags), rng.randint(1, 2)))
        return tags if rng.random() < 0.3 else [name, *tags]
    if rng.random() < 0.4:
        name = ("an " if name[0] in "aeiou" else "a ") + name
    return [name]


def _subject_zh(concept: Concept, item: Item, rng: random.Random) -> list[str]:
    name = _name(concept.zh, rng)
    if item.kind == "colour" or (item.kind == "plain" and item.colour and rng.random() < 0.15):
        word = HUES[item.colour or "red"][1]
        if rng.random() < 0.15:
            word = word.removesuffix("色")
        name = word + ("的" if word.endswith("色") and rng.random() < 0.6 else "") + COLOUR_ZH.sub("", name)
    elif concept.zh_tags and rng.random() < 0.2:
        tags = rng.sample(concept.zh_tags, min(len(concept.zh_tags), rng.randint(1, 2)))
        return tags if rng.random() < 0.3 else [name, *tags]
    if rng.random() < 0.3:
        name = rng.choice(["一个", "一只", "一张", "一朵", "一辆", "画一个", "一"]) + name
    return [name]


def _background(item: Item, chinese: bool, rng: random.Random) -> list[str]:
    if item.kind == "background" and item.colour:
        if chinese:
            return [BACKGROUNDS[item.colour][1] + "背景"]
        return [rng.choice(["on a {} background", "{} background"]).format(item.colour)]
    if rng.random() < 0.1:
        return ["白色背景" if chinese else "white background"]
    return []
