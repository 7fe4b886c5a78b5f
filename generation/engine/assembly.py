"""The parts of a pipeline on disk as sidecars keep them, and the pipeline made of them again."""

import hashlib

PIPELINES = ("StableDiffusionPipeline", "StableDiffusionXLPipeline")


def options_of(pipeline):
    """What a pipeline was made with beside its parts."""
    kept = {"force_zeros_for_empty_prompt"} & set(pipeline.config)
    return {"class": type(pipeline).__name__} | {name: pipeline.config[name] for name in kept}


def config_of(part, module):
    """The settings of a part from which an equal one can be made."""
    if part.startswith("text_encoder"):
        return {"class": type(module).__name__, "settings": module.config.to_dict()}
    return {"class": type(module).__name__, "settings": dict(module.config)}


def write_part(path, module, dtype):
    """Save the weights of a part in `dtype`; returns the file's SHA-256."""
    from safetensors.torch import save_file

    state = module.state_dict()
    save_file({name: (w.to(dtype) if w.is_floating_point() else w).contiguous() for name, w in state.items()}, path)
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_part(part, config, path):
    """The module of a part, its weights mapped from the file. Raises ValueError, RuntimeError, OSError."""
    import torch
    from safetensors.torch import load_file

    weights = load_file(path)
    with torch.device("meta"):
        module = _empty(part, config)
    _fill_buffers(module)
    module.load_state_dict(weights, assign=True)
    return module.eval().requires_grad_(False)


def _empty(part, config):
    import diffusers
    import transformers

    if part.startswith("text_encoder"):
        module_class = getattr(transformers, config["class"])
        return module_class(transformers.CLIPTextConfig.from_dict(config["settings"]))
    return getattr(diffusers, config["class"]).from_config(config["settings"])


def _fill_buffers(module):
    """What is not among the weights: the numbers of the text encoder's positions."""
    import torch

    for part in module.modules():
        for name, buffer in part.named_buffers(recurse=False):
            if buffer.is_meta and name in part._non_persistent_buffers_set:
                if name != "position_ids":
                    raise ValueError(f"{name} is in no file")
                part.register_buffer(name, torch.arange(buffer.shape[-1]).expand(buffer.shape), persistent=False)


def assemble(held, tokenizers, scheduler_config, options):
    """The pipeline of these modules ({part: module}) and tokenizers ({part: tokenizer})."""
    import diffusers

    if options["class"] not in PIPELINES:
        raise ValueError(f"{options['class']} is not a pipeline of ours")
    scheduler = getattr(diffusers, scheduler_config["_class_name"]).from_config(scheduler_config)
    rest = {name: value for name, value in options.items() if name != "class"}
    if options["class"] == "StableDiffusionPipeline":
        rest |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    return getattr(diffusers, options["class"])(**held, **tokenizers, scheduler=scheduler, **rest)
