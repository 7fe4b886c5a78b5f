"""Reads the icon packages and turns them into training pictures."""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from generation.training.concepts import Concept
from generation.training.places import PACKAGES, SIZE, Workplace

Reader = Callable[[str], Image.Image | None]
# Below this alpha (of 255) a pixel is dust left over by resizing.
DUST = 6


def fetch_packages(place: Workplace) -> None:
    """Download and unpack the packages that are not there yet, with the npm client of this machine."""
    for key, package in PACKAGES.items():
        folder = place.package(key)
        if folder.exists():
            continue
        folder.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder.parent, capture_output=True, text=True, check=True
        )
        _unpack(folder.parent / done.stdout.strip().splitlines()[-1], folder)


def render_look(place: Workplace, look: str, concepts: list[Concept]) -> None:
    """Save premultiplied RGBA pictures (N, 128, 128, 4) and the indices of the concepts they show."""
    read = reader(place, look)
    found = [(index, image) for index, concept in enumerate(concepts) if (image := read(concept.hexcode)) is not None]
    np.savez_compressed(
        place.pictures(look),
        concept=np.array([index for index, _ in found]),
        rgba=np.stack([premultiplied(image) for _, image in found]),
    )


def load_look(place: Workplace, look: str) -> tuple[np.ndarray, np.ndarray]:
    """Concept indices (N,) and premultiplied RGBA pictures (N, 128, 128, 4), uint8."""
    with np.load(place.pictures(look)) as data:
        return data["concept"], data["rgba"]


def reader(place: Workplace, look: str) -> Reader:
    """A function from emoji code to picture, or None where the set has no such picture."""
    folder = place.package(look)
    return _webp_reader(folder / "assets") if look == "3d" else _svg_reader(folder)


def premultiplied(image: Image.Image) -> np.ndarray:
    """Resize to 128 pixels with colour multiplied by alpha.

    Colour is clamped to alpha afterwards: the Lanczos kernel overshoots, which would leave a pale halo.
    """
    pixels = np.asarray(image.convert("RGBA")).astype(np.float32)
    pixels[..., :3] *= pixels[..., 3:] / 255
    # Each channel on its own, as a plain grey picture: PIL would multiply RGBA by alpha once more.
    channels = [Image.fromarray(pixels[..., c]).resize((SIZE, SIZE), Image.Resampling.LANCZOS) for c in range(4)]
    small = np.stack([np.asarray(channel) for channel in channels], -1).round().clip(0, 255).astype(np.uint8)
    small[..., :3] = np.minimum(small[..., :3], small[..., 3:])
    small[small[..., 3] < DUST] = 0
    return small


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as bundle:
        bundle.extractall(folder.parent / f"{folder.name}.part", filter="data")
    (folder.parent / f"{folder.name}.part" / "package").rename(folder)
    (folder.parent / f"{folder.name}.part").rmdir()


def _webp_reader(assets: Path) -> Reader:
    def read(hexcode: str) -> Image.Image | None:
        code = hexcode.lower()
        for name in (code, f"{code}-fe0f", code.replace("-fe0f", "")):
            path = assets / f"{name}.webp"
            if path.exists():
                return Image.open(path).convert("RGBA")
        return None

    return read


def _svg_reader(folder: Path) -> Reader:
    import resvg_py

    icons = json.loads((folder / "icons.json").read_text())
    names = json.loads((folder / "chars.json").read_text())

    def read(hexcode: str) -> Image.Image | None:
        code = hexcode.lower()
        name = names.get(code) or names.get(code.replace("-fe0f", ""))
        while name and name not in icons["icons"]:
            name = icons.get("aliases", {}).get(name, {}).get("parent")
        if not name:
            return None
        return Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=_svg(icons, name)))))

    return read


def _svg(icons: dict, name: str) -> str:
    icon = icons["icons"][name]
    width, height = icon.get("width", icons.get("width", 16)), icon.get("height", icons.get("height", 16))
    body = icon["body"].replace("currentColor", "#000")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{SIZE * 2}" height="{SIZE * 2}" viewBox="0 0 {width} {height}">{body}</svg>'
    )
