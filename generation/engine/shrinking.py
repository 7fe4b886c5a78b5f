"""Taking pictures out of a batch that is being drawn, so that nobody waits for what was cancelled."""

from .pipelines import is_inpainting

# What a pipeline lets its listener replace between two steps, one row a picture or two with guidance.
_ROWED = ("latents", "prompt_embeds", "add_text_embeds", "add_time_ids")


def possible(pipeline, spec):
    """Whether this pipeline lets go of everything that has a row a picture. Inpainting and ControlNets keep theirs."""
    plain = spec.task in ("txt2img", "img2img") and spec.control is None and not is_inpainting(pipeline)
    return plain and pipeline.unet.config.time_cond_proj_dim is None


def inputs(pipeline):
    """Names of the tensors the listener is to be given."""
    return [name for name in _ROWED if name in pipeline._callback_tensor_inputs]


def keep(values, scheduler, dice, wanted):
    """The tensors `values` with the rows that are `wanted`; scheduler and random generators are cut likewise."""
    count = len(wanted)
    places = [place for place, keep in enumerate(wanted) if keep]
    for name, state in vars(scheduler).items():
        setattr(scheduler, name, _cut_state(state, count, places))
    # The pipeline holds this very list.
    dice[:] = [dice[place] for place in places]
    return {name: _cut(tensor, count, places) for name, tensor in values.items()}


def _cut(tensor, count, places):
    """Rows of a tensor that has `count` of them once, or for guidance several times over."""
    return tensor[[start + place for start in range(0, len(tensor), count) for place in places]]


def _cut_state(state, count, places):
    """What a scheduler remembers: latents of earlier steps, alone or in lists."""
    import torch

    if isinstance(state, torch.Tensor) and state.ndim == 4 and len(state) == count:
        return state[places]
    if isinstance(state, list):
        return [_cut_state(entry, count, places) for entry in state]
    return state
