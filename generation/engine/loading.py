"""From files to a pipeline that is ready to draw, without any network.

Diffusers folders carry their own configuration. Single .safetensors files carry none; theirs comes
from configs/<family>/ and the CLIP vocabulary from configs/clip/, both part of this package.
"""

from dataclasses import dataclass
from pathlib import Path

from models_hub.inspection import BadFile
from models_hub.inspection.architecture import recognise
from models_hub.inspection.folder import WEIGHED, read_index, weight_file, weight_variant
from models_hub.inspection.safetensors import read_header

from . import preview
from .errors import UnsupportedCheckpoint

CONFIGS = Path(__file__).parent / "configs"
SINGLE_FAMILIES = ("sd1", "sd2", "sd2-v", "sdxl")
# First words of the key names of each part in single files. What has none of them (averages kept for further
# training, noise tables) is not loaded.
_SINGLE_PARTS = {
    "model.diffusion_model.": "unet",
    "first_stage_model.": "vae",
    "cond_stage_model.": "text",
    "conditioner.": "text",
}


@dataclass
class Loaded:
    """A pipeline, its own scheduler configuration, and the map for previews (None if it has none)."""

    pipeline: object
    scheduler_config: dict
    preview: preview.PreviewMap | None


def part_bytes(ref, item_bytes):
    """Bytes each part will take once loaded, {part: bytes}, from headers alone. Raises UnsupportedCheckpoint."""
    try:
        elements = _single_elements(ref) if ref.layout == "single" else _folder_elements(Path(ref.path))
    except BadFile as error:
        raise UnsupportedCheckpoint(model=str(ref), reason=str(error)) from error
    return {part: count * item_bytes for part, count in elements.items()}


def _folder_elements(path):
    index = read_index(path)
    return {part: read_header(weight_file(path, part)).elements for part in WEIGHED if part in index}


def _single_elements(ref):
    header = read_header(ref.path)
    found = recognise(header)
    if found.kind != "checkpoint" or found.inpainting:
        what = "an inpainting model" if found.inpainting else f"a file of the kind “{found.kind}”"
        raise UnsupportedCheckpoint(model=str(ref), reason=f"it is {what}, not a checkpoint that draws from words.")
    parts: dict[str, int] = {}
    for name, tensor in header.tensors.items():
        part = next((part for start, part in _SINGLE_PARTS.items() if name.startswith(start)), None)
        if part:
            parts[part] = parts.get(part, 0) + tensor.elements
    return parts


def load(ref, hardware, placement, configs):
    """(Loaded, bytes it takes) of a CheckpointRef, placed on the hardware. Raises UnsupportedCheckpoint."""
    try:
        pipeline = _read(ref, hardware, Path(configs))
        if pipeline.unet.config.in_channels != 4:
            raise UnsupportedCheckpoint(model=str(ref), reason="it is made for inpainting.")
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, NotImplementedError, BadFile) as error:
        raise UnsupportedCheckpoint(model=str(ref), reason=_first_line(error)) from error
    _put(pipeline, hardware, placement)
    found = preview.fit(pipeline.vae, pipeline._execution_device)
    loaded = Loaded(pipeline, dict(pipeline.scheduler.config), found)
    return loaded, placement.bytes if placement.offload != "none" else weight_bytes(pipeline)


def _read(ref, hardware, configs):
    import torch

    dtype = getattr(torch, hardware.dtype)
    pipeline = _read_single(ref, dtype, configs) if ref.layout == "single" else _read_folder(ref, dtype)
    pipeline.set_progress_bar_config(disable=True)
    for module in _modules(pipeline):
        module.eval().requires_grad_(False)
    return pipeline


def _read_folder(ref, dtype):
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
        **_no_checker(pipeline_class),
    )


def _read_single(ref, dtype, configs):
    import diffusers

    from .vocabulary import clip_tokenizer

    if ref.family not in SINGLE_FAMILIES:
        raise UnsupportedCheckpoint(
            model=str(ref), reason=f"files of the family “{ref.family}” cannot be drawn with yet."
        )
    large = ref.family == "sdxl"
    pipeline_class = diffusers.StableDiffusionXLPipeline if large else diffusers.StableDiffusionPipeline
    tokenizers = {"tokenizer": clip_tokenizer()}
    if large or ref.family.startswith("sd2"):
        # OpenCLIP text encoders were trained with "!" (id 0) after the end of the text.
        tokenizers["tokenizer_2" if large else "tokenizer"] = clip_tokenizer(pad_token="!")  # noqa: S106
    return pipeline_class.from_single_file(
        ref.path,
        config=str(configs / ref.family),
        dtype=dtype,
        local_files_only=True,
        **tokenizers,
        **_no_checker(pipeline_class),
    )


def _no_checker(pipeline_class):
    # SD 1's folders may name a safety checker; safety is judged elsewhere, on what is published.
    return {} if "XL" in pipeline_class.__name__ else {"safety_checker": None, "requires_safety_checker": False}


def _put(pipeline, hardware, placement):
    if placement.offload == "model":
        pipeline.enable_model_cpu_offload(device=hardware.device)
    elif placement.offload == "sequential":
        pipeline.enable_sequential_cpu_offload(device=hardware.device)
    else:
        pipeline.to(hardware.device)
    if placement.slicing:
        pipeline.enable_attention_slicing()


def _modules(pipeline):
    import torch

    return [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]


def weight_bytes(pipeline):
    """Bytes of all weights and buffers of a pipeline."""
    tensors = (tensor for module in _modules(pipeline) for tensor in (*module.parameters(), *module.buffers()))
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _first_line(error):
    if isinstance(error, UnsupportedCheckpoint):
        return error.params["reason"]
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
