"""Another VAE than the checkpoint's own, for one render."""

from contextlib import contextmanager
from pathlib import Path

from . import extras
from .errors import IncompatibleVae

PREFIX = "first_stage_model."  # of VAEs cut out of a whole checkpoint


@contextmanager
def exchanged(pipeline, ref, model, cache):
    """Inside the block the pipeline encodes and decodes with the VAE of a FileRef (None: its own).

    `cache`: the CheckpointCache that keeps it. Raises IncompatibleVae.
    """
    if ref is None:
        yield
        return
    own, refusal = pipeline.vae, (IncompatibleVae, {"vae": str(ref), "model": str(model)})

    def load():
        return _read(Path(ref.path), own, pipeline._execution_device)

    with extras.lent(cache, ref, model, load, own.dtype, refusal) as other:
        pipeline.vae = other
        try:
            yield
        finally:
            pipeline.vae = own


def _read(path, own, device):
    import torch
    from diffusers import AutoencoderKL

    config = extras.configuration(path) or own.config
    with torch.device("meta"):
        vae = AutoencoderKL.from_config(config)
    for part in ("latent_channels", "out_channels", "in_channels"):
        if vae.config[part] != own.config[part]:
            raise ValueError("its latents are of another kind.")
    if len(vae.config.block_out_channels) != len(own.config.block_out_channels):
        raise ValueError("its latents have another size.")
    return extras.filled(vae, _spelled(extras.read_weights(path), vae), device, own.dtype)


def _spelled(weights, vae):
    """Weights under the names diffusers uses."""
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    weights = {name.removeprefix(PREFIX): weight for name, weight in weights.items()}
    if any(name.startswith("encoder.down_blocks.") for name in weights):
        return weights
    # Loss networks of the training are in some files.
    return convert_ldm_vae_checkpoint({n: w for n, w in weights.items() if not n.startswith("loss.")}, vae.config)
