"""Checkpoints as they were uploaded: what their headers say, and a pipeline made from them without any network.

Diffusers folders carry their own configuration. Single .safetensors files carry none; theirs comes
from configs/<family>/ and the CLIP vocabulary from configs/clip/, both part of this package.
"""

from pathlib import Path

from models_hub.inspection import BadFile
from models_hub.inspection.architecture import recognise
from models_hub.inspection.folder import WEIGHED, read_index, weight_file, weight_variant
from models_hub.inspection.safetensors import read_header

from .errors import UnsupportedCheckpoint
from .hardware import SMALL_PARAMETERS

CONFIGS = Path(__file__).parent / "configs"
# Channels a UNet reads: latents; for inpainting also a mask, and the latents of what it leaves.
DRAWING, INPAINTING = 4, 9
SINGLE_FAMILIES = ("sd1", "sd2", "sd2-v", "sdxl")
# First words of the key names of each part in single files. What has none of them (averages kept for further
# training, noise tables) is not loaded.
_SINGLE_PARTS = {
    "model.diffusion_model.": "unet",
    "first_stage_model.": "vae",
    "cond_stage_model.": "text",
    "conditioner.": "text",
}
_FLOATS = {"F16": "float16", "BF16": "bfloat16", "F32": "float32"}
# What reading raises when a file is not what it should be.
READING_ERRORS = (OSError, ValueError, KeyError, RuntimeError, TypeError, NotImplementedError, BadFile)


def part_elements(ref):
    """{part: numbers it holds} of a CheckpointRef, from headers alone. Raises UnsupportedCheckpoint."""
    counts: dict[str, int] = {}
    for part, tensor in _tensors(ref):
        counts[part] = counts.get(part, 0) + tensor.elements
    return counts


def is_small(ref):
    """Whether the UNet is so small that precision and threads are chosen otherwise; no for what cannot be read."""
    try:
        return part_elements(ref).get("unet", 0) < SMALL_PARAMETERS
    except (UnsupportedCheckpoint, *READING_ERRORS):
        return False


def stored_dtype(ref):
    """The precision its weights can be read in without loss: the one they are stored in, or float32 if several."""
    kinds = {_FLOATS.get(tensor.dtype, "float32") for _, tensor in _tensors(ref) if tensor.dtype[0] in "FB"}
    return kinds.pop() if len(kinds) == 1 else "float32"


def _tensors(ref):
    """(part, description of the tensor) of all weights that will be loaded."""
    try:
        return list(_single_tensors(ref) if ref.layout == "single" else _folder_tensors(Path(ref.path)))
    except BadFile as error:
        raise UnsupportedCheckpoint(model=str(ref), reason=str(error)) from error


def _folder_tensors(path):
    index = read_index(path)
    for part in WEIGHED:
        if part in index:
            for tensor in read_header(weight_file(path, part)).tensors.values():
                yield part, tensor


def _single_tensors(ref):
    header = read_header(ref.path)
    found = recognise(header)
    if found.kind != "checkpoint":
        reason = f"it is a file of the kind “{found.kind}”, not a checkpoint that draws from words."
        raise UnsupportedCheckpoint(model=str(ref), reason=reason)
    for name, tensor in header.tensors.items():
        part = next((part for start, part in _SINGLE_PARTS.items() if name.startswith(start)), None)
        if part:
            yield part, tensor


def weight_files(ref):
    """The files that hold the weights. Raises BadFile."""
    if ref.layout == "single":
        return [Path(ref.path)]
    return [weight_file(Path(ref.path), part) for part in WEIGHED if part in read_index(Path(ref.path))]


def read(ref, dtype, configs=CONFIGS, **held):
    """The pipeline of a CheckpointRef on the CPU, in `dtype` (its torch name). Raises UnsupportedCheckpoint.

    held: {part: module} that are loaded already and need not be read again.
    """
    import torch

    try:
        make = _read_single if ref.layout == "single" else _read_folder
        pipeline = make(ref, getattr(torch, dtype), Path(configs), held)
        if (channels := pipeline.unet.config.in_channels) not in (DRAWING, INPAINTING):
            reason = f"it reads {channels} channels; known are {DRAWING}, and {INPAINTING} for inpainting."
            raise UnsupportedCheckpoint(model=str(ref), reason=reason)
    except READING_ERRORS as error:
        raise UnsupportedCheckpoint(model=str(ref), reason=_first_line(error)) from error
    return pipeline


def _read_folder(ref, dtype, configs, held):
    import diffusers

    index = read_index(Path(ref.path))
    pipeline_class = (
        diffusers.StableDiffusionXLPipeline if "text_encoder_2" in index else diffusers.StableDiffusionPipeline
    )
    return pipeline_class.from_pretrained(
        ref.path,
        dtype=dtype,
        variant=weight_variant(ref.path),
        use_safetensors=True,
        local_files_only=True,
        feature_extractor=None,
        image_encoder=None,
        **held,
        **_no_checker(pipeline_class),
    )


def _read_single(ref, dtype, configs, held):
    import diffusers

    if ref.family not in SINGLE_FAMILIES:
        raise UnsupportedCheckpoint(
            model=str(ref), reason=f"files of the family “{ref.family}” cannot be drawn with yet."
        )
    pipeline_class = diffusers.StableDiffusionXLPipeline if ref.family == "sdxl" else diffusers.StableDiffusionPipeline
    read = {"config": str(configs / ref.family), "dtype": dtype, "local_files_only": True}
    if "unet" not in held and recognise(read_header(ref.path)).inpainting:
        # The configurations are those of the usual UNets; these read the mask and what it leaves as well.
        wider = {"subfolder": "unet", "in_channels": INPAINTING}
        held = held | {"unet": diffusers.UNet2DConditionModel.from_single_file(ref.path, **read, **wider)}
    return pipeline_class.from_single_file(
        ref.path,
        **read,
        **tokenizers(ref),
        **held,
        **_no_checker(pipeline_class),
    )


def tokenizers(ref):
    """{part: tokenizer} of a CheckpointRef; a new one each time, because embeddings add words to them."""
    if ref.layout == "single":
        return _single_tokenizers(ref.family)
    import transformers

    index = read_index(Path(ref.path))
    return {
        part: getattr(transformers, index[part]).from_pretrained(Path(ref.path) / part, local_files_only=True)
        for part in ("tokenizer", "tokenizer_2")
        if part in index
    }


def _single_tokenizers(family):
    from .vocabulary import clip_tokenizer

    made = {"tokenizer": clip_tokenizer()}
    if family == "sdxl" or family.startswith("sd2"):
        # OpenCLIP text encoders were trained with "!" (id 0) after the end of the text.
        made["tokenizer_2" if family == "sdxl" else "tokenizer"] = clip_tokenizer(pad_token="!")  # noqa: S106
    return made


def _no_checker(pipeline_class):
    # SD 1's folders may name a safety checker; safety is judged elsewhere, on what is published.
    return {} if "XL" in pipeline_class.__name__ else {"safety_checker": None, "requires_safety_checker": False}


def _first_line(error):
    if isinstance(error, UnsupportedCheckpoint):
        return error.params["reason"]
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
