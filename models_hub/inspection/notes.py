"""What trainers write into a file: kohya's ss_* notes and modelspec.*. Claims: shown as text, offered as defaults."""

import json
import re

MAX_TEXT = 300  # characters of one fact
MAX_WORDS = 10  # trigger words proposed
MAX_WORD = 60  # characters
# A tag on at least this share of the pictures is what the model was taught to be called.
COMMON = 0.8
_FOLDER = re.compile(r"\d{1,5}_(.+)\Z")
_TEXTS = {
    "title": ("modelspec.title", "ss_output_name"),
    "author": ("modelspec.author",),
    "licence": ("modelspec.license",),
    "description": ("modelspec.description",),
    "base_model": ("ss_sd_model_name", "ss_base_model_version", "modelspec.architecture"),
    "base_family": ("ss_base_model_version", "modelspec.architecture"),
    "trained_on": ("modelspec.date",),
    "optimizer": ("ss_optimizer",),
    "network": ("ss_network_module",),
}
_NUMBERS = {
    "steps": ("ss_steps", "ss_max_train_steps"),
    "epochs": ("ss_epoch", "ss_num_epochs"),
    "pictures": ("ss_num_train_images",),
    "clip_skip": ("ss_clip_skip",),
    "noted_rank": ("ss_network_dim",),
    "seed": ("ss_seed",),
}
_DECIMALS = {"alpha": ("ss_network_alpha",), "learning_rate": ("ss_learning_rate", "ss_unet_lr")}


def facts(metadata):
    """{name: text or number}: what is known of the training. Only what can be read; never raises."""
    found: dict[str, object] = {}
    for name, keys in _TEXTS.items():
        if text := _first(metadata, keys, _text):
            found[name] = text
    for name, keys in _NUMBERS.items():
        if (number := _first(metadata, keys, _whole)) is not None:
            found[name] = number
    for name, keys in _DECIMALS.items():
        if (number := _first(metadata, keys, _decimal)) is not None:
            found[name] = number
    if size := _resolution(metadata):
        found["resolution"] = size
    return found


def _first(metadata, keys, read):
    for key in keys:
        value = read(metadata.get(key, ""))
        if value not in (None, ""):
            return value
    return None


def _text(value):
    cleaned = "".join(mark for mark in value[: 4 * MAX_TEXT] if mark.isprintable() or mark == " ").strip()
    return "" if cleaned in ("None", "null", "") else cleaned[:MAX_TEXT]


def _whole(value):
    return int(value) if re.fullmatch(r"[0-9]{1,12}", value) else None


def _decimal(value):
    return float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,12})?(e-?[0-9]{1,2})?", value) else None


def _resolution(metadata):
    for key in ("ss_resolution", "modelspec.resolution"):
        sides = re.findall(r"(?<![0-9])[0-9]{2,5}(?![0-9])", metadata.get(key, "")[:60])
        if sides:
            return f"{int(sides[0])}x{int(sides[1] if len(sides) > 1 else sides[0])}"
    return ""


def trigger_words(metadata):
    """Words that probably wake the model: what the author wrote, else what stood under nearly every picture."""
    if written := _words(metadata.get("modelspec.trigger_phrase", "").split(",")):
        return written
    folders = _json(metadata.get("ss_tag_frequency", ""))
    return _words(_common_tags(folders)) or _words(_folder_names(folders, metadata))


def _common_tags(folders):
    counts: dict[str, int] = {}
    most = 0
    for tags in folders.values():
        numbers = {tag: n for tag, n in tags.items() if type(n) is int and n > 0} if isinstance(tags, dict) else {}
        most += max(numbers.values(), default=0)
        for tag, number in numbers.items():
            counts[tag] = counts.get(tag, 0) + number
    common = [tag for tag, number in counts.items() if number >= COMMON * most]
    # Where everything is equally common nothing is telling.
    return sorted(common, key=lambda tag: -counts[tag]) if len(common) < len(counts) or len(counts) == 1 else []


def _folder_names(folders, metadata):
    names = [*folders, *_json(metadata.get("ss_dataset_dirs", ""))]
    return [match[1].replace("_", " ") for name in names if (match := _FOLDER.match(name))]


def _json(text):
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _words(words):
    clean = ("".join(mark for mark in word if mark.isprintable()).strip() for word in words)
    return tuple(dict.fromkeys(word for word in clean if 0 < len(word) <= MAX_WORD))[:MAX_WORDS]
