"""VAEs and ControlNets of recent jobs, kept so that the next job with the same one need not load it."""

from collections import OrderedDict
from contextlib import contextmanager

from models_hub.inspection import BadFile
from models_hub.inspection.folder import read_json

from .runtime import is_out_of_memory

OTHER_FAMILY = "it was made for another family of models."


class Extras:
    """Modules by key, the least recently used dropped first, so that together they take at most `max_bytes`."""

    def __init__(self, max_bytes):
        self.max_bytes = max_bytes
        self._held: OrderedDict[str, object] = OrderedDict()

    @property
    def bytes(self):
        return sum(map(module_bytes, self._held.values()))

    def get(self, key, load):
        """The module of that key, from `load()` when it is not held. One that is larger than the bound is not kept."""
        if key not in self._held:
            self._held[key] = load()
        module = self._held[key]
        self._held.move_to_end(key)
        while self._held and self.bytes > self.max_bytes:
            self._held.popitem(last=False)
        return module

    def clear(self):
        self._held.clear()


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
