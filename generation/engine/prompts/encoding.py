"""From words to the hidden states a UNet attends to, for pipelines with one or two text encoders."""

from dataclasses import dataclass

from .reading import Reader
from .scripts import texts


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
    return _Encoding(pipeline, clip_skip).words((prompt,), negative or "")[0]


@dataclass(frozen=True)
class Moment:
    """What the networks read at one step: `words` are what `encode` gives for a prompt and the negative one.

    `others`: (the same of a further prompt, its weight) for those that AND joins to it; then `weight` is its own.
    """

    words: dict
    weight: float = 1.0
    others: tuple = ()


def encode_script(pipeline, script, clip_skip=1):
    """The Moments of a script (scripts.script), one a step. Every different text is read once.

    Prompts of different lengths may follow each other; those read at one step are filled up to the longest.
    """
    encoding, known = _Encoding(pipeline, clip_skip), {}
    for reading in script:
        if reading not in known:
            words = encoding.words([text for text, _ in reading.parts], reading.negative)
            weights = [weight for _, weight in reading.parts]
            others = tuple(zip(words[1:], weights[1:], strict=True))
            known[reading] = Moment(words[0], weights[0], others)
    return tuple(known[reading] for reading in script)


def chunks_needed(pipeline, prompt, negative=""):
    """Chunks that `encode` makes of these words. Only prompts that need equally many may share a batch."""
    return max(len(reader.chunks(text)) for reader in _readers(pipeline) for text in (prompt, negative or ""))


def measure(pipeline, prompt):
    """The Length of a prompt for this model: of the longest that is read at a step."""
    reader = _readers(pipeline)[0]
    return Length(max(map(reader.count, texts(prompt))), reader.window.limit)


def _readers(pipeline):
    large = getattr(pipeline, "text_encoder_2", None) is not None
    pairs = [(pipeline.tokenizer, pipeline.text_encoder)]
    if large:
        pairs.append((pipeline.tokenizer_2, pipeline.text_encoder_2))
    return [Reader(pipeline, tokenizer, encoder, large) for tokenizer, encoder in pairs if encoder is not None]


class _Encoding:
    """Prompts of one pipeline as its encoders read them; what was read once is remembered."""

    def __init__(self, pipeline, clip_skip):
        self._readers, self._clip_skip = _readers(pipeline), clip_skip
        self._silent = getattr(pipeline.config, "force_zeros_for_empty_prompt", False)
        self._known: dict = {}

    def words(self, prompts, negative):
        """[keyword arguments of a prompt with the negative one], all of the same number of chunks."""
        import torch

        count = max(len(reader.chunks(text)) for reader in self._readers for text in (*prompts, negative))
        others, others_pooled = self._side(negative, count)
        if not negative and self._silent:
            others, others_pooled = torch.zeros_like(others), torch.zeros_like(others_pooled)
        return [_arguments(self._side(prompt, count), (others, others_pooled)) for prompt in prompts]

    def _side(self, text, count):
        """(hidden states, pooled state or None) of one text, filled up to `count` chunks."""
        import torch

        if (text, count) not in self._known:
            portions = [reader.chunks(text) for reader in self._readers]
            with torch.inference_mode():
                self._known[text, count] = _read_side(self._readers, portions, count, self._clip_skip)
        return self._known[text, count]


def _arguments(positive, negative):
    (words, pooled), (others, others_pooled) = positive, negative
    arguments = {"prompt_embeds": words, "negative_prompt_embeds": others}
    if pooled is not None:
        arguments |= {"pooled_prompt_embeds": pooled, "negative_pooled_prompt_embeds": others_pooled}
    return arguments


def _read_side(readers, portions, count, clip_skip):
    """(hidden states, pooled state or None) of one prompt, `portions` being its chunks for each reader."""
    import torch

    read = [reader.read(portion, count, clip_skip) for reader, portion in zip(readers, portions, strict=True)]
    pooled = [state for _, state in read if state is not None]
    states = torch.cat([states for states, _ in read], dim=-1)
    return states.to(readers[-1].encoder.dtype), pooled[-1] if pooled else None
