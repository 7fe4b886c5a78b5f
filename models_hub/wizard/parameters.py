"""What a picture's file says of its making: AUTOMATIC1111's text, which most programs write, this site included.

Everything in it is somebody else's word: kept short, used as text and numbers alone.
"""

import contextlib
import json
import re

MAX_TEXT = 20_000  # characters
# A key begins with no space and a tag ends soon: a line of 20,000 spaces would be read for minutes.
KEY = re.compile(r'([\w/.-][\w /.-]{0,39}):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
LORA = re.compile(r"<lora:([^:<>]{1,120}):(-?[\d.]{1,8})[^<>]{0,60}>", re.IGNORECASE)
HASHES = re.compile(r"([^:,]{1,120}):\s*([0-9a-fA-F]{8,64})")
# EXIF's UserComment begins with the name of its encoding.
USER_COMMENT = 0x9286
EXIF_IFD = 0x8769


def text_of(image):
    """The parameters in an opened PIL `image` of PNG, JPEG or WebP, or ""."""
    text = image.info.get("parameters", "")
    if isinstance(text, str) and text:
        return text[:MAX_TEXT]
    with contextlib.suppress(Exception):  # EXIF data of strangers break in every way
        return comment(image.getexif().get_ifd(EXIF_IFD).get(USER_COMMENT, b""))[:MAX_TEXT]
    return ""


def comment(value):
    if isinstance(value, str):
        return value
    code, body = value[:8], value[8:]
    if code.startswith(b"UNICODE"):
        # A1111 writes big endian; others what their machine has.
        big, little = body.decode("utf-16-be", "replace"), body.decode("utf-16-le", "replace")
        return min(big, little, key=lambda text: sum(ord(mark) > 0x2FF for mark in text[:200]))
    return body.decode("utf-8", "replace") if code.startswith(b"ASCII") else value.decode("utf-8", "replace")


def read(text):
    """{"prompt", "negative_prompt", "steps", "sampler", "guidance", "seed", "width", "height", "model_hash", "model",
    "loras": [{"name", "weight", "sha256"}]}; only what the text says."""
    text = (text or "").replace("\x00", "")[:MAX_TEXT]
    lines = text.strip().split("\n")
    last = lines.pop() if lines and "Steps:" in lines[-1] else ""
    prompt, _mark, negative = "\n".join(lines).partition("Negative prompt:")
    said = {key.strip(): unquoted(value.strip()) for key, value in KEY.findall(last)}
    found = {"prompt": prompt.strip(), "negative_prompt": negative.strip()}
    found |= {"sampler": said.get("Sampler", "")[:60], "model": said.get("Model", "")[:160]}
    found["model_hash"] = said.get("Model hash", "").lower()[:64]
    found |= numbers(said)
    found["loras"] = loras(prompt, said.get("Lora hashes", ""))
    return {key: value for key, value in found.items() if value not in ("", None, [])}


def unquoted(value):
    if value.startswith('"'):
        with contextlib.suppress(ValueError):
            return str(json.loads(value))
    return value


def numbers(said):
    width, _x, height = said.get("Size", "").partition("x")
    return {
        "steps": whole(said.get("Steps", ""), 1000),
        "seed": whole(said.get("Seed", ""), 2**63 - 1),
        "guidance": decimal(said.get("CFG scale", "")),
        "width": whole(width, 16384),
        "height": whole(height, 16384),
        "clip_skip": whole(said.get("Clip skip", ""), 12),
    }


def whole(text, most):
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most else None


def decimal(text):
    with contextlib.suppress(ValueError):
        value = float(text)
        return value if 0 <= value <= 100 else None
    return None


def loras(prompt, hashes):
    known = {name.strip(): value.lower() for name, value in HASHES.findall(hashes)}
    tags = {name: decimal(weight.lstrip("-")) for name, weight in LORA.findall(prompt)}
    names = dict.fromkeys([*tags, *known])
    return [{"name": name, "weight": tags.get(name), "sha256": known.get(name, "")} for name in names][:20]
