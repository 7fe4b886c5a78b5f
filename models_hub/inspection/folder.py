"""Diffusers folders: model_index.json and one subfolder per part."""

import json
from pathlib import Path

from .architecture import context_family
from .errors import BadFile
from .safetensors import read_header

MAX_JSON = 1_000_000  # bytes; tokenizers are text of another kind and are not parsed here
PIPELINES = (
    "StableDiffusionPipeline",
    "StableDiffusionXLPipeline",
    "StableDiffusionInpaintPipeline",
    "StableDiffusionXLInpaintPipeline",
)
# model_index.json names Python classes to import, so only these may stand in it.
PARTS = {
    "unet": {"UNet2DConditionModel"},
    "vae": {"AutoencoderKL"},
    "text_encoder": {"CLIPTextModel"},
    "text_encoder_2": {"CLIPTextModelWithProjection"},
    "tokenizer": {"CLIPTokenizer", "CLIPTokenizerFast"},
    "tokenizer_2": {"CLIPTokenizer", "CLIPTokenizerFast"},
    "scheduler": None,  # any diffusers scheduler: it holds numbers only and is replaced by the chosen sampler
    "safety_checker": None,
    "feature_extractor": None,
    "image_encoder": None,
}
WEIGHED = ("unet", "vae", "text_encoder", "text_encoder_2")
_WEIGHTS = ("diffusion_pytorch_model", "model")


def inspect_folder(path):
    """Report fields (all but layout) of a diffusers folder. Raises BadFile."""
    path = Path(path)
    index = read_index(path)
    weights = {part: weight_file(path, part) for part in WEIGHED if part in index}
    headers = {part: read_header(file) for part, file in weights.items()}
    unet = read_json(path, "unet/config.json")
    return {
        "kind": "checkpoint",
        "family": _family(path, index, unet),
        "files": tuple(_files(path, index, weights)),
        "size": sum((path / name).stat().st_size for name in _files(path, index, weights)),
        "elements": sum(header.elements for header in headers.values()),
        "inpainting": unet.get("in_channels") == 9,
    }


def read_index(path):
    """model_index.json as {part: class name}, with nothing in it that would import foreign code. Raises BadFile."""
    index = read_json(path, "model_index.json")
    if index.get("_class_name") not in PIPELINES:
        raise BadFile("bad_folder", file=path.name, why=f"its pipeline is not one of {', '.join(PIPELINES)}")
    parts = {part: value for part, value in index.items() if isinstance(value, list) and value != [None, None]}
    for part, value in parts.items():
        _judge_part(path, part, value)
    if missing := {"unet", "vae", "text_encoder", "tokenizer", "scheduler"} - set(parts):
        raise BadFile("bad_folder", file=path.name, why=f"{', '.join(sorted(missing))} is missing")
    return {part: value[1] for part, value in parts.items()}


def _judge_part(path, part, value):
    known = part in PARTS and len(value) == 2 and value[0] in ("diffusers", "transformers", "stable_diffusion")
    allowed = PARTS.get(part)
    if not known or (allowed and value[1] not in allowed):
        raise BadFile("bad_folder", file=path.name, why=f"the part “{part[:40]}” is of a kind that is not loaded")


def read_json(path, name):
    """A small JSON object of the folder. Raises BadFile."""
    try:
        with (path / name).open("rb") as stream:
            raw = stream.read(MAX_JSON + 1)
        value = json.loads(raw) if len(raw) <= MAX_JSON else None
    except FileNotFoundError:
        raise BadFile("bad_folder", file=path.name, why=f"{name} is missing") from None
    except (ValueError, RecursionError, OSError):
        value = None
    if not isinstance(value, dict):
        raise BadFile("bad_folder", file=path.name, why=f"{name} cannot be read")
    return value


def weight_file(path, part):
    """The .safetensors of one part, full precision before fp16. Raises BadFile."""
    for stem in _WEIGHTS:
        for name in (f"{stem}.safetensors", f"{stem}.fp16.safetensors"):
            if (path / part / name).is_file():
                return path / part / name
    raise BadFile("bad_folder", file=path.name, why=f"{part} has no .safetensors file")


def weight_variant(path):
    """ "fp16" when the folder's UNet comes only in that variant, else None (what diffusers calls `variant`)."""
    return "fp16" if weight_file(Path(path), "unet").name.endswith(".fp16.safetensors") else None


def _files(path, index, weights):
    """Paths inside the folder that make up the model; anything else lying there is left alone."""
    yield "model_index.json"
    for part in sorted(index):
        if part in ("safety_checker", "feature_extractor", "image_encoder"):
            continue
        for file in sorted((path / part).glob("*")):
            if file.suffix in (".json", ".txt") and "index" not in file.name:
                yield f"{part}/{file.name}"
        if part in weights:
            yield f"{part}/{weights[part].name}"


def _family(path, index, unet):
    if "text_encoder_2" in index:
        return "sdxl"
    width = unet.get("cross_attention_dim")
    family = context_family(width) if isinstance(width, int) else ""
    scheduler = read_json(path, "scheduler/scheduler_config.json")
    if family == "sd2" and scheduler.get("prediction_type") == "v_prediction":
        return "sd2-v"
    return family
