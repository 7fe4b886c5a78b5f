"""Pipelines put together from parts that lie ready on disk, without copying a weight.

Modules are built empty (on torch's meta device) and given the file's mapped pages as weights. The pages belong to
the file: they are read when first used, shared between processes, and dropped by the system when memory is short.
"""

import hashlib
import inspect
import json
import os

WRITING = 2**22  # bytes written and hashed at a time
PAGE = 4096
DTYPES = {
    "float16": "F16",
    "bfloat16": "BF16",
    "float32": "F32",
    "int64": "I64",
    "int32": "I32",
    "uint8": "U8",
    "bool": "BOOL",
}


def write_part(path, module, dtype):
    """Write the module's weights as .safetensors in `dtype` (a torch dtype). Returns their SHA-256 in hex.

    One weight at a time is converted, so that a mapped file becomes another without ever being in memory whole.
    """
    # The largest first, so that all but the smallest begin where vector units like to read.
    weights = sorted(module.state_dict().items(), key=lambda item: (-item[1].numel(), item[0]))
    kinds = {name: dtype if weight.is_floating_point() else weight.dtype for name, weight in weights}
    digest = hashlib.sha256()
    with path.open("wb") as stream:
        for piece in _pieces(weights, kinds):
            digest.update(piece)
            stream.write(piece)
        # The folder is named afterwards: after a power cut there is the whole sidecar, or none.
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()


def _pieces(weights, kinds):
    import torch

    yield _header(weights, kinds)
    for name, weight in weights:
        raw = weight.detach().to("cpu", kinds[name]).contiguous().reshape(-1).view(torch.uint8).numpy()
        for start in range(0, len(raw), WRITING):
            yield raw[start : start + WRITING].data


def _header(weights, kinds):
    """The header of a .safetensors file: its length, then JSON, padded so that the weights begin at a memory page."""
    described, position = {}, 0
    for name, weight in weights:
        end = position + weight.numel() * kinds[name].itemsize
        dtype = DTYPES[str(kinds[name]).removeprefix("torch.")]
        described[name] = {"dtype": dtype, "shape": list(weight.shape), "data_offsets": [position, end]}
        position = end
    text = json.dumps({"__metadata__": {"format": "pt"}, **described}).encode()
    text += b" " * (-(len(text) + 8) % PAGE)
    return len(text).to_bytes(8, "little") + text


def config_of(part, module):
    """What `read_part` needs to build the module: the same for equal modules, wherever their files lie."""
    config = dict(module.config) if part in ("unet", "vae") else module.config.to_dict()
    return {name: value for name, value in config.items() if name != "_name_or_path"}


def read_part(part, config, path):
    """The module of one part, its weights mapped from `path`. Raises what torch and safetensors raise of bad files."""
    from safetensors.torch import load_file

    module = _empty(part, config)
    # strict: a weight too few or too many is an error. Buffers that no file holds were built with their values.
    module.load_state_dict(load_file(path), strict=True, assign=True)
    return module.eval().requires_grad_(False)


def _empty(part, config):
    import diffusers
    import transformers
    from accelerate import init_empty_weights

    with init_empty_weights(include_buffers=False):
        if part == "unet":
            return diffusers.UNet2DConditionModel.from_config(config)
        if part == "vae":
            return diffusers.AutoencoderKL.from_config(config)
        model = transformers.CLIPTextModel if part == "text_encoder" else transformers.CLIPTextModelWithProjection
        return model(transformers.CLIPTextConfig.from_dict(config))


def assemble(modules, tokenizers, scheduler, options):
    """The pipeline of {part: module}, {part: tokenizer} and the configuration of a scheduler."""
    import diffusers

    large = "text_encoder_2" in modules
    pipeline_class = diffusers.StableDiffusionXLPipeline if large else diffusers.StableDiffusionPipeline
    nothing = {} if large else {"safety_checker": None, "feature_extractor": None}
    scheduler = getattr(diffusers, scheduler["_class_name"]).from_config(scheduler)
    return pipeline_class(**modules, **tokenizers, scheduler=scheduler, **nothing, **options)


def options_of(pipeline):
    """The pipeline's own settings beside its parts."""
    wanted = inspect.signature(type(pipeline).__init__).parameters
    plain = {name: value for name, value in pipeline.config.items() if isinstance(value, bool | type(None))}
    return {name: value for name, value in plain.items() if name in wanted and name not in pipeline.components}
