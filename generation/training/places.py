"""Where a training run keeps its files."""

from dataclasses import dataclass
from pathlib import Path

# npm packages with the pictures and names, all openly licensed (see docs/starter.md).
PACKAGES = {
    "3d": "@lobehub/fluent-emoji-3d@1.1.0",
    "flat": "@iconify-json/fluent-emoji-flat@1.2.6",
    "noto": "@iconify-json/noto@1.2.9",
    "line": "@iconify-json/fluent-emoji-high-contrast@1.2.6",
    "names": "emojibase-data@17.0.0",
}
SIZE = 128  # pixels a side of every training picture


@dataclass(frozen=True)
class Workplace:
    """One folder holding everything a run reads and writes; safe to delete when the weights are exported."""

    root: Path

    @property
    def concepts(self) -> Path:
        return self.root / "concepts.json"

    @property
    def tokenizer(self) -> Path:
        return self.root / "tokenizer"

    @property
    def vae(self) -> Path:
        return self.root / "vae"

    def package(self, key: str) -> Path:
        """Folder of an unpacked npm package, e.g. npm/iconify-json-noto-1.2.9."""
        name, _, version = PACKAGES[key].lstrip("@").rpartition("@")
        return self.root / "npm" / f"{name.replace('/', '-')}-{version}"

    def pictures(self, look: str) -> Path:
        return self.root / f"pictures-{look}.npz"

    def latents(self, look: str) -> Path:
        return self.root / f"latents-{look}.pt"

    def text_state(self, look: str) -> Path:
        return self.root / f"text-{look}.pt"

    def unet_state(self) -> Path:
        return self.root / "unet.pt"

    def pipeline(self, look: str) -> Path:
        return self.root / f"pipeline-{look}"

    def lora(self, look: str) -> Path:
        return self.root / f"lora-{look}"

    def control(self, look: str) -> Path:
        return self.root / f"control-{look}"

    def control_state(self, look: str) -> Path:
        return self.root / f"control-{look}.pt"

    def sheets(self) -> Path:
        path = self.root / "sheets"
        path.mkdir(parents=True, exist_ok=True)
        return path
