"""From words to the hidden states a UNet attends to, for pipelines with one or two text encoders."""

from dataclasses import dataclass

from .reading import Reader


@dataclass(frozen=True)
class Length:
    """Tokens of a prompt's words, and how many of them the model reads (markers and syntax not counted)."""

    tokens: int
    limit: int


def encode(pipeline, prompt, negative="", clip_skip=1):
    """Keyword arguments for any Stable Diffusion pipeline: (negative_)prompt_embeds, for SDXL pooled ones too.

    Words go in chunks of the encoder's window, each read on its own and put one after the other; the shorter
    of `prompt` and `negative` is filled up with empty chunks. Tensors are (1, chunks * positions, width).
    Weights multiply the hidden states, whose mean is then restored, as AUTOMATIC1111 does (EmphasisOriginal in
    its modules/sd_emphasis.py). One chunk without weights gives exactly what diffusers' encode_prompt gives.

    `clip_skip` counts as AUTOMATIC1111 does: 1 is the last layer, 2 the one before. SD 2 and SDXL were trained
    on the one before, so 1 and 2 are the same there. The starter's sketch is in its last layer only: it skips none.
    """
    import torch

    readers = _readers(pipeline)
    sides = [[reader.chunks(text) for reader in readers] for text in (prompt, negative or "")]
    count = max(len(portion) for side in sides for portion in side)
    with torch.inference_mode():
        words, pooled = _read_side(readers, sides[0], count, clip_skip)
        others, others_pooled = _read_side(readers, sides[1], count, clip_skip)
    if not negative and getattr(pipeline.config, "force_zeros_for_empty_prompt", False):
        others, others_pooled = torch.zeros_like(others), torch.zeros_like(others_pooled)
    arguments = {"prompt_embeds": words, "negative_prompt_embeds": others}
    if pooled is not None:
        arguments |= {"pooled_prompt_embeds": pooled, "negative_pooled_prompt_embeds": others_pooled}
    return arguments


def chunks_needed(pipeline, prompt, negative=""):
    """Chunks that `encode` makes of these words. Only prompts that need equally many may share a batch."""
    return max(len(reader.chunks(text)) for reader in _readers(pipeline) for text in (prompt, negative or ""))


def measure(pipeline, prompt):
    """The Length of a prompt for this model."""
    reader = _readers(pipeline)[0]
    return Length(reader.count(prompt), reader.window.limit)


def _readers(pipeline):
    large = getattr(pipeline, "text_encoder_2", None) is not None
    pairs = [(pipeline.tokenizer, pipeline.text_encoder)]
    if large:
        pairs.append((pipeline.tokenizer_2, pipeline.text_encoder_2))
    return [Reader(pipeline, tokenizer, encoder, large) for tokenizer, encoder in pairs if encoder is not None]


def _read_side(readers, portions, count, clip_skip):
    """(hidden states, pooled state or None) of one prompt, `portions` being its chunks for each reader."""
    import torch

    read = [reader.read(portion, count, clip_skip) for reader, portion in zip(readers, portions, strict=True)]
    pooled = [state for _, state in read if state is not None]
    states = torch.cat([states for states, _ in read], dim=-1)
    return states.to(readers[-1].encoder.dtype), pooled[-1] if pooled else None
