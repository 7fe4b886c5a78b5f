"""Textual inversions: words of the prompt that stand for learned vectors.

The tokenizer and the table of word vectors belong to the checkpoint and are never changed: for one render the
pipeline reads with a copy of the tokenizer that knows more words, and with a table that looks them up.
"""

import re
from contextlib import ExitStack, contextmanager
from pathlib import Path
from weakref import WeakKeyDictionary

from . import extras
from .errors import IncompatibleEmbedding

# Copies of tokenizers: copying one of CLIP's takes 0.3 s.
_copies: WeakKeyDictionary = WeakKeyDictionary()
MOST_VECTORS = 75  # words a text encoder reads at once
# Names of SDXL's two encoders in files; other files hold one tensor of any name.
ENCODERS = {"clip_l": "text_encoder", "clip_g": "text_encoder_2"}


@contextmanager
def known(pipeline, refs, model):
    """Inside the block the pipeline knows the tokens of these EmbeddingRefs. Raises IncompatibleEmbedding.

    Yields a function that gives a prompt as the pipeline reads it, each token replaced by a name of our own:
    tokens are matched as whole words and in any case, which tokenizers do not do.
    """
    if not refs:
        yield str
        return
    vectors = {ref: _vectors(ref, pipeline, model) for ref in refs}
    names = {ref: f"<e{place}v{_height(vectors[ref])}>" for place, ref in enumerate(refs)}
    with ExitStack() as dress:
        for side in ("", "_2"):
            if getattr(pipeline, f"text_encoder{side}", None) is not None:
                learned = {names[ref]: vectors[ref][f"text_encoder{side}"] for ref in refs}
                dress.enter_context(_taught(pipeline, side, learned))
        yield lambda text: _renamed(text, {ref.token: name for ref, name in names.items()})


def _renamed(text, names):
    for token, name in names.items():
        text = re.sub(rf"(?<!\w){re.escape(token)}(?!\w)", name, text, flags=re.IGNORECASE)
    return text


def _vectors(ref, pipeline, model):
    """{encoder's name: (vectors, width)} of one file."""
    with extras.refused(IncompatibleEmbedding, embedding=str(ref), model=str(model)):
        tensors = extras.read_weights(Path(ref.path))
        found = {ENCODERS.get(name, "text_encoder"): rows.reshape(-1, rows.shape[-1]) for name, rows in tensors.items()}
        wanted = {name for name in ENCODERS.values() if getattr(pipeline, name, None) is not None}
        heights = {len(rows) for rows in found.values()}
        if len(tensors) != len(wanted) or set(found) != wanted or len(heights) > 1 or max(heights) > MOST_VECTORS:
            raise ValueError(extras.OTHER_FAMILY)
        for name, rows in found.items():
            if rows.shape[1] != getattr(pipeline, name).get_input_embeddings().weight.shape[1]:
                raise ValueError(extras.OTHER_FAMILY)
    return found


def _height(found):
    return len(found["text_encoder"])


@contextmanager
def _taught(pipeline, side, learned):
    """One encoder and its tokenizer with {name: vectors} added; both as they were afterwards."""
    tokenizer, encoder = getattr(pipeline, f"tokenizer{side}"), getattr(pipeline, f"text_encoder{side}")
    wider, rows = _wider(tokenizer, learned)
    table = encoder.get_input_embeddings()
    ends = _end_finders(encoder)
    setattr(pipeline, f"tokenizer{side}", wider)
    encoder.set_input_embeddings(_table(table, rows))
    for module, _ in ends:
        module.eos_token_id = tokenizer.eos_token_id
    try:
        yield
    finally:
        setattr(pipeline, f"tokenizer{side}", tokenizer)
        encoder.set_input_embeddings(table)
        for module, before in ends:
            module.eos_token_id = before


def _end_finders(encoder):
    # Old configurations say 2, which makes transformers take the highest id for the end of the text.
    return [(module, 2) for module in encoder.modules() if getattr(module, "eos_token_id", None) == 2]


def _wider(tokenizer, learned):
    """(a tokenizer that also knows the names, {id: vector}). Vector 2 of "<x>" is "<x>_1", as diffusers has it."""
    import copy

    from transformers import AddedToken

    wider = _copies.get(tokenizer)
    if wider is None:
        wider = _copies[tokenizer] = copy.deepcopy(tokenizer)
    rows: dict[int, object] = {}
    for name, vectors in learned.items():
        words = [name if place == 0 else f"{name}_{place}" for place in range(len(vectors))]
        wider.add_tokens([AddedToken(word, normalized=False) for word in words])
        rows |= dict(zip(wider.convert_tokens_to_ids(words), vectors, strict=True))
    return wider, rows


def _table(table, rows):
    """A module that looks up `rows` ({id: vector}) and everything else in `table`."""
    import torch

    class Table(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.table = table
            self.weight = table.weight

        def forward(self, ids):
            known = self.table(ids.clamp(max=self.table.num_embeddings - 1)).clone()
            for number, vector in rows.items():
                known[ids == number] = vector.to(known)
            return known

    return Table()
