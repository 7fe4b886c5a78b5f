"""models_hub/starter/manifest.json: the list of what comes with the site, with the hash of every file."""

import hashlib
import json
from pathlib import Path

from generation.training.cards import ATTRIBUTION, CARDS, SETTINGS

FAMILY = "starter"  # only LoRAs of this family fit: the cross-attention is 256 wide, not 768
RECORD = "samples.json"  # in <slug>/samples: prompt and seed of each sample


def write_manifest(root: Path) -> Path:
    """Describe every model folder that is there. Returns the path of the manifest."""
    models = [describe(root, card) for card in CARDS if (root / card["slug"]).is_dir()]
    path = root / "manifest.json"
    path.write_text(json.dumps({"version": 1, "models": models}, ensure_ascii=False, indent=1) + "\n")
    return path


def describe(root: Path, card: dict) -> dict:
    """One model's entry: its card, its files with hashes, its samples."""
    folder = root / card["slug"]
    entry = {key: value for key, value in card.items() if key not in ("look", "guides")}
    record = folder / "samples" / RECORD
    return entry | {
        "family": FAMILY,
        "licence": "MIT",
        "attribution": ATTRIBUTION[card["look"]],
        "settings": SETTINGS,
        "files": [_file(folder, path) for path in sorted(folder.rglob("*")) if _is_weight_or_config(folder, path)],
        "samples": json.loads(record.read_text()) if record.exists() else [],
    }


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_weight_or_config(folder: Path, path: Path) -> bool:
    return path.is_file() and "samples" not in path.relative_to(folder).parts


def _file(folder: Path, path: Path) -> dict:
    return {"path": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size, "sha256": sha256(path)}
