"""What VAEs and ControlNets have in common: reading them, and keeping them for the next job that uses them."""

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from models_hub.inspection import BadFile
from models_hub.inspection.folder import read_json
from models_hub.inspection.safetensors import read_header

from .errors import CheckpointTooLarge
from .runtime import is_out_of_memory

OTHER_FAMILY = "it was made for another family of models."


@contextmanager
def lent(cache, ref, model, load, dtype, refusal):
    """The module of a VAE or ControlNet for a family, from the CheckpointCache or from `load()`, kept there meanwhile.

    dtype: the torch dtype it is loaded in. refusal: (error class, its params), raised when there is no room for it
    beside the model, or when it cannot be read.
    """
    ref = replace(ref, key=f"{ref.key} {model.family}")
    error_class, params = refusal

    def loaded(_):
        with refused(error_class, **params):
            module = load()
        return module, {ref.key: module_bytes(module)}

    def foretold(_):
        with refused(error_class, **params):
            return {ref.key: read_header(weight_file(Path(ref.path))).elements * dtype.itemsize}

    with ExitStack() as stack:
        try:
            module = stack.enter_context(cache.lend(ref, loaded, foretold))
        except CheckpointTooLarge as error:
            reason = f"together they need more than the {error.params['bound']} of memory allowed here."
            raise error_class(**params, reason=reason) from None
        yield module


def module_bytes(module):
    """Bytes of all weights and buffers of a module."""
    return sum(tensor.numel() * tensor.element_size() for tensor in (*module.parameters(), *module.buffers()))


def filled(module, weights, device, dtype):
    """`module` (made on the meta device) with these weights, ready to use. Raises RuntimeError when they do not fit."""
    weights = {name: weight.to(device, dtype) for name, weight in weights.items()}
    module.load_state_dict(weights, assign=True)
    return module.eval().requires_grad_(False)


@contextmanager
def refused(error_class, **params):
    """What goes wrong while a file is read becomes `error_class(**params, reason=...)`, except lack of memory."""
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, TypeError, AttributeError, BadFile) as error:
        if is_out_of_memory(error):
            raise
        raise error_class(**params, reason=_reason(error)) from error


def _reason(error):
    text = str(error)
    if any(sign in text for sign in ("size mismatch", "Missing key", "Unexpected key")):
        return OTHER_FAMILY
    return (text.strip().splitlines() or [type(error).__name__])[0][:160]


def read_weights(path):
    """{name: tensor} of a .safetensors file, or of the one in a diffusers folder. Raises OSError, ValueError."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(weight_file(path))
    except SafetensorError as error:
        raise ValueError("it is no .safetensors file, or it is cut off.") from error


def weight_file(path):
    """The .safetensors file in a diffusers folder, or the file itself; a folder without one gives the usual name."""
    if not path.is_dir():
        return path
    return next(iter(sorted(path.glob("*.safetensors"))), path / "diffusion_pytorch_model.safetensors")


def configuration(path):
    """The config.json of a diffusers folder, None for a single file. Raises BadFile."""
    return read_json(path, "config.json") if path.is_dir() else None
