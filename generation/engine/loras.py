"""LoRAs are worn for one render and taken off again; the checkpoint below never changes.

They are never fused: fusing and unfusing leaves rounding in the base weights, and the base is shared
by every later job.
"""

from contextlib import contextmanager

from .errors import IncompatibleLora


@contextmanager
def worn(pipeline, loras, model):
    """Inside the block the pipeline draws with these LoraRefs. Raises IncompatibleLora."""
    names = [f"lora{place}" for place in range(len(loras))]
    try:
        for name, lora in zip(names, loras, strict=True):
            _put_on(pipeline, name, lora, model)
        if loras:
            pipeline.set_adapters(names, [float(lora.weight) for lora in loras])
        yield
    finally:
        if loras:
            pipeline.unload_lora_weights()


def _put_on(pipeline, name, lora, model):
    try:
        pipeline.load_lora_weights(_read(lora.path), adapter_name=name)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, AttributeError) as error:
        raise IncompatibleLora(lora=str(lora), model=str(model), reason=_reason(error)) from error
    if not any(name in adapters for adapters in pipeline.get_list_adapters().values()):
        raise IncompatibleLora(lora=str(lora), model=str(model), reason="none of its layers exist in the model.")


def _read(path):
    """The file's weights, in one spelling.

    Training scripts write `.lora.down.` for attention and `.lora_A.` for the rest into one file;
    diffusers takes such a file for the second kind and silently leaves the attention layers out.
    """
    from safetensors.torch import load_file

    weights = load_file(path)
    if not any(".lora_A." in name for name in weights):
        return weights
    return {name.replace(".lora.down.", ".lora_A.").replace(".lora.up.", ".lora_B."): w for name, w in weights.items()}


def _reason(error):
    text = str(error)
    if "size mismatch" in text or "shape" in text:
        return "its layers have other sizes; it was made for another family of models."
    return (text.strip().splitlines() or [type(error).__name__])[0][:160]
