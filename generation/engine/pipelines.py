"""The stock diffusers pipeline of each task, built around the modules that are loaded already."""

import inspect

from .originals import INPAINTING

_KINDS = {"txt2img": "", "img2img": "Img2Img", "inpaint": "Inpaint", "outpaint": "Inpaint"}


def is_inpainting(base):
    """Whether the checkpoint was made for inpainting: it always reads a mask and what the mask leaves of the source.

    Without a mask it is told that everything is masked, as AUTOMATIC1111 does, and so draws from words too.
    """
    return base.unet.config.in_channels == INPAINTING


def assembled(base, task, network=None):
    """The pipeline for a task, with a ControlNet if `network` is one. It shares every weight with `base`."""
    import diffusers

    kind = "Inpaint" if is_inpainting(base) else _KINDS[task]
    if not kind and network is None:
        return base
    large = "XL" if getattr(base, "text_encoder_2", None) is not None else ""
    name = f"StableDiffusion{large}{'ControlNet' if network is not None else ''}{kind}Pipeline"
    pipeline_class = getattr(diffusers, name)
    understood = inspect.signature(pipeline_class.__init__).parameters
    parts = {part: module for part, module in base.components.items() if part in understood}
    if network is not None:
        parts["controlnet"] = network
    if "requires_safety_checker" in understood:
        parts["requires_safety_checker"] = False
    pipeline = pipeline_class(**parts)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def picture_arguments(spec, rows, with_pixels):
    """What the pipeline of the spec's task is given beside words and noise, for these rows.

    Sources are given as latents, encoded once for all their pictures; `with_pixels` gives them as pictures, which
    inpainting with a ControlNet asks for. Rows with `kept` are those of an inpainting checkpoint.
    """
    width, height = spec.size
    arguments = {"width": width, "height": height}
    if spec.task != "txt2img" or rows[0].kept is not None:
        arguments |= {"image": _sources(rows, with_pixels), "strength": _strength(spec)}
    if rows[0].cells is not None:
        arguments["mask_image"] = _stacked(row.cells for row in rows)
    if spec.control is not None:
        guides = [row.guide for row in rows]
        arguments["control_image" if "image" in arguments else "image"] = guides
        arguments["controlnet_conditioning_scale"] = float(spec.control.weight)
    if rows[0].cells is not None and not with_pixels:
        # Read by inpainting checkpoints only; given, it is not encoded for nothing.
        inpainting = rows[0].kept is not None
        arguments["masked_image_latents"] = _stacked(row.kept for row in rows) if inpainting else arguments["image"]
    return arguments


def understood(pipeline, arguments):
    """Those arguments that this pipeline's call knows; img2img takes its size from the source."""
    known = inspect.signature(pipeline.__call__).parameters
    return {name: value for name, value in arguments.items() if name in known}


def _sources(rows, with_pixels):
    return [row.canvas.picture for row in rows] if with_pixels else _stacked(row.latents for row in rows)


def _stacked(tensors):
    import torch

    return torch.cat(list(tensors))


def _strength(spec):
    """So that the pipelines, which round down, run as many steps as the spec says."""
    if spec.task in ("txt2img", "outpaint"):
        return 1.0
    return spec.strength if int(spec.steps * spec.strength) else 1.001 / spec.steps
