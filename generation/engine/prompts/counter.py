"""Tokens of a prompt for a live counter, in a process that must not import torch."""

import json
from functools import lru_cache
from pathlib import Path

from .chunks import CLIP_POSITIONS, window_of
from .parsing import BREAK, parse
from .scripts import texts

# CLIP's own splitting rule, with its markers kept whole.
WORDS = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
# Some folders write 1e30 for "no limit"; no text encoder of these families has more positions than this.
MOST_POSITIONS = 1024


def count(text, tokenizer_dir=None):
    """(tokens, window) of a prompt: tokens of its words without markers, weights and BREAK; how many one chunk holds.

    Of words that change on the way, or that AND joins, the longest counts.

    `tokenizer_dir` is the `tokenizer` folder of a diffusers checkpoint; without it, or when it cannot be read,
    CLIP's vocabulary is used, as single files are.
    """
    tokenizer, window = tokenizer_of(tokenizer_dir and str(tokenizer_dir))
    return max(_tokens(tokenizer, window, each) for each in texts(text)), window.capacity


def _tokens(tokenizer, window, text):
    pieces = [piece[0] for piece in parse(text) if piece is not BREAK]
    if window.sketches:
        pieces = ["".join(pieces)]  # see Reader._whole
    return sum(len(tokenizer.encode(piece, add_special_tokens=False).ids) for piece in pieces)


@lru_cache(maxsize=16)
def tokenizer_of(folder):
    """(tokenizers.Tokenizer, Window) of a folder, or of CLIP for None."""
    if folder is None:
        from generation.engine.vocabulary import clip_vocabulary

        return _clip(*clip_vocabulary()), window_of(CLIP_POSITIONS)
    try:
        return _read(Path(folder)), window_of(_positions(Path(folder)))
    except Exception:  # tokenizers raises bare Exceptions; a counter must not fail for a strange folder
        return tokenizer_of(None)


def _read(folder):
    from tokenizers import Tokenizer

    if (folder / "tokenizer.json").exists():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
    vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
    lines = (folder / "merges.txt").read_text("utf-8").splitlines()
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    return _clip(vocabulary, merges)


def _positions(folder):
    config = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    length = int(config.get("model_max_length", CLIP_POSITIONS))
    return length if 2 < length <= MOST_POSITIONS else CLIP_POSITIONS


def _clip(vocabulary, merges):
    """CLIP's byte-pair tokenizer, built as transformers builds it."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

    from generation.engine.vocabulary import END, START

    model = models.BPE(
        vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix="</w>", unk_token=END
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.add_special_tokens([AddedToken(START, special=True), AddedToken(END, special=True)])
    return tokenizer
