"""The CLIP tokenizer that single-file checkpoints leave out, built from the published merges."""

import gzip
from functools import lru_cache
from pathlib import Path

MERGES = Path(__file__).parent / "configs" / "clip" / "merges.txt.gz"
START, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77  # tokens, fixed by the text encoders' position table


def clip_tokenizer(pad_token=END):
    """A transformers CLIPTokenizer; `pad_token` is "!" for OpenCLIP's encoders (SD 2, SDXL's second)."""
    from transformers import CLIPTokenizer

    vocabulary, merges = clip_vocabulary()
    return CLIPTokenizer(
        vocab=dict(vocabulary),
        merges=list(merges),
        bos_token=START,
        eos_token=END,
        unk_token=END,
        pad_token=pad_token,
        model_max_length=LENGTH,
    )


@lru_cache(maxsize=1)
def clip_vocabulary():
    """({token: id} with 49,408 entries, 48,894 merges), as OpenAI's CLIP numbers them."""
    lines = gzip.decompress(MERGES.read_bytes()).decode().rstrip("\n").split("\n")
    merges = [tuple(line.split(" ")) for line in lines]
    letters = _byte_letters()
    tokens = [*letters, *(letter + "</w>" for letter in letters), *("".join(merge) for merge in merges), START, END]
    return {token: number for number, token in enumerate(tokens)}, merges


def _byte_letters():
    """A printable character for each byte, printable bytes first, in the order GPT-2 chose."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + place) for place in range(len(others))]
