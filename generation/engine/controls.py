"""ControlNets: a second network that steers the drawing along a picture."""

from contextlib import contextmanager
from pathlib import Path

from . import extras
from .errors import IncompatibleControl
from .originals import DRAWING

# ControlNets read latents alone, also those that steer an inpainting checkpoint.
LATENTS = {"in_channels": DRAWING}


@contextmanager
def control_net(pipeline, ref, model, cache):
    """Inside the block the network of a ControlRef for the pipeline's family (None: no ControlNet).

    `cache`: the CheckpointCache that keeps it. Raises IncompatibleControl.
    """
    if ref is None:
        yield None
        return
    refusal = IncompatibleControl, {"control": str(ref), "model": str(model)}

    def load():
        return _read(Path(ref.path), pipeline)

    with extras.lent(cache, ref, model, load, pipeline.unet.dtype, refusal) as network:
        yield network


def _read(path, pipeline):
    import torch
    from diffusers import ControlNetModel

    unet, config = pipeline.unet, extras.configuration(path)
    with torch.device("meta"):
        # A single file has no configuration; ControlNets are made of the UNet's own layers.
        config = config or dict(ControlNetModel.from_unet(unet, load_weights_from_unet=False).config) | LATENTS
        network = ControlNetModel.from_config(config)
    wanted = dict(unet.config) | LATENTS
    for part in ("cross_attention_dim", "block_out_channels", "in_channels", "addition_embed_type"):
        if _plain(network.config.get(part)) != _plain(wanted.get(part)):
            raise ValueError(extras.OTHER_FAMILY)
    weights = _spelled(extras.read_weights(path), network.config)
    return extras.filled(network, weights, pipeline._execution_device, unet.dtype)


def _spelled(weights, config):
    """Weights under the names diffusers uses; layers that a file lacks are left out."""
    from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint

    found = convert_controlnet_checkpoint(weights, config)
    return {name: weight for name, weight in found.items() if weight is not None}


def _plain(value):
    return list(value) if isinstance(value, list | tuple) else value
