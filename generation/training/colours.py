"""Colour words, and moving a picture from one colour to another."""

import numpy as np

# Object colours: hue in degrees and the Chinese word.
HUES = {
    "red": (0, "红色"), "orange": (28, "橙色"), "yellow": (52, "黄色"), "green": (115, "绿色"),
    "teal": (178, "青色"), "blue": (215, "蓝色"), "purple": (272, "紫色"), "pink": (325, "粉色"),
}  # fmt: skip
# Background colours: RGB and the Chinese word.
BACKGROUNDS = {
    "red": ((225, 45, 50), "红色"), "orange": ((250, 145, 40), "橙色"), "yellow": ((252, 215, 60), "黄色"),
    "green": ((70, 180, 80), "绿色"), "light blue": ((165, 215, 250), "浅蓝色"), "blue": ((45, 110, 220), "蓝色"),
    "purple": ((135, 75, 200), "紫色"), "pink": ((250, 165, 195), "粉色"), "black": ((18, 18, 20), "黑色"),
    "gray": ((150, 150, 155), "灰色"), "dark blue": ((20, 35, 85), "深蓝色"),
}  # fmt: skip
# Never trained, so that obeying them shows the colour word is understood.
HELD_OUT = {
    ("red apple", "blue"), ("green apple", "blue"), ("cat face", "green"), ("cat", "blue"), ("rocket", "purple"),
    ("guitar", "green"), ("cactus", "pink"),
}  # fmt: skip
# Hues nearer than this (degrees) look the same in an icon.
NEAR = 25


def to_hsv(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hue in degrees, saturation and value of RGB in 0..1 (..., 3)."""
    high, low = rgb.max(-1), rgb.min(-1)
    spread = high - low
    safe = np.maximum(spread, 1e-6)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    turns = np.where(
        high == red,
        ((green - blue) / safe) % 6,
        np.where(high == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    return np.where(spread > 1e-5, turns * 60, 0), np.where(high > 0, spread / np.maximum(high, 1e-6), 0), high


def to_rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """The inverse of to_hsv."""
    turns = (hue % 360) / 60
    sector = np.floor(turns).astype(int)
    rest = turns - sector
    p, q, t = value * (1 - saturation), value * (1 - saturation * rest), value * (1 - saturation * (1 - rest))
    sector %= 6
    return np.stack(
        [
            np.choose(sector, [value, q, p, p, t, value]),
            np.choose(sector, [t, value, value, q, p, p]),
            np.choose(sector, [p, p, t, value, value, q]),
        ],
        -1,
    )


def dominant_hue(picture: np.ndarray) -> int | None:
    """The hue most of a premultiplied RGBA picture has, or None where it has several or none."""
    alpha = picture[..., 3]
    hue, saturation, value = to_hsv((picture[..., :3] / np.maximum(alpha[..., None], 1e-3)).clip(0, 1))
    coloured = (saturation > 0.35) & (value > 0.25) & (alpha > 0.5)
    if not coloured.any() or coloured.sum() / max(1, (alpha > 0.5).sum()) < 0.45:
        return None
    counts = np.bincount((hue[coloured] // 10).astype(int) % 36, minlength=36)
    windows = [counts.take(range(k - 4, k + 5), mode="wrap").sum() for k in range(36)]
    best = int(np.argmax(windows))
    return best * 10 + 5 if windows[best] / coloured.sum() > 0.72 else None


def nearest_colour(hue: float) -> str:
    """The colour word for a hue in degrees."""
    return min(HUES, key=lambda name: abs(apart(HUES[name][0], hue)))


def apart(one: float, other: float) -> float:
    """Signed distance of two hues in degrees, -180..180."""
    return (one - other + 180) % 360 - 180


def recolour(picture: np.ndarray, hue: int, colour: str) -> np.ndarray:
    """A premultiplied RGBA picture whose dominant `hue` becomes `colour`."""
    alpha = picture[..., 3:]
    h, s, v = to_hsv((picture[..., :3] / np.maximum(alpha, 1e-3)).clip(0, 1))
    pale = 0.62 if colour == "pink" else 1
    bright = 0.8 if colour in ("pink", "yellow") else 1
    rgb = to_rgb(h + HUES[colour][0] - hue, s * pale, v**bright)
    return np.concatenate([rgb * alpha, alpha], -1).astype(np.float32)


def on_background(picture: np.ndarray, rgb: tuple[int, int, int] | None = None) -> np.ndarray:
    """Premultiplied RGBA 0..1 laid on a plain colour (white by default): RGB 0..1."""
    paper = np.ones(3, np.float32) if rgb is None else np.array(rgb, np.float32) / 255
    return picture[..., :3] + (1 - picture[..., 3:]) * paper
