"""How long a prompt is for a model: tokens, passages, and what is not read any more. Needs no torch."""

from dataclasses import dataclass
from pathlib import Path

from generation.engine.prompts import BREAK, counter, parse, texts
from generation.engine.prompts.chunks import fill


@dataclass(frozen=True)
class Count:
    """`tokens` of a prompt; `room` in one passage; `passages` it is read in; `cut`: the words that are not read."""

    tokens: int
    room: int
    passages: int = 1
    cut: str = ""


def count(text, version):
    """The Count of `text` for a ModelVersion; of words that change while drawing, the longest that is read at once."""
    folder = Path(version.full_path) / "tokenizer"
    tokenizer, window = counter.tokenizer_of(str(folder) if folder.is_dir() else None)
    measured = whole if window.sketches else in_passages
    return max((measured(each, tokenizer, window) for each in texts(text)), key=lambda found: found.tokens)


def whole(text, tokenizer, window):
    """Of a model that reads one passage: the words as if there were no brackets."""
    words = "".join(piece[0] for piece in parse(text) if piece is not BREAK)
    spans = tokenizer.encode(words, add_special_tokens=False).offsets
    cut = words[spans[window.capacity][0] :].strip() if len(spans) > window.capacity else ""
    return Count(len(spans), window.capacity, 1, cut)


def in_passages(text, tokenizer, window):
    """Of a CLIP model: each piece of one weight is read by itself, as the engine does."""
    units = []
    for piece in parse(text):
        ids = [BREAK] if piece is BREAK else tokenizer.encode(piece[0], add_special_tokens=False).ids
        units += [one if one is BREAK else ([one], 1.0) for one in ids]
    tokens = sum(unit is not BREAK for unit in units)
    passages = fill(units, window, tokenizer.token_to_id(",</w>"))
    read = sum(len(passage.ids) for passage in passages)
    return Count(tokens, window.capacity, len(passages), tail(text, tokenizer, tokens - read))


def tail(text, tokenizer, beyond):
    """About the last `beyond` tokens of a text: what is left out of a prompt of too many passages."""
    if beyond <= 0:
        return ""
    spans = tokenizer.encode(text, add_special_tokens=False).offsets
    return text[spans[-min(beyond, len(spans))][0] :].strip()
