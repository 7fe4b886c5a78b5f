"""A CLIP-style byte-level BPE tokenizer that knows the names in both languages.

Text has TEXT_TOKENS positions; the DRAFT_TOKENS after them are padding to the tokenizer, and a sketch of the
picture to the text encoder (see text.py).
"""

import json
from pathlib import Path

TEXT_TOKENS, DRAFT_TOKENS = 24, 64
LENGTH = TEXT_TOKENS + DRAFT_TOKENS
VOCABULARY = 8192
START, END = "<|startoftext|>", "<|endoftext|>"
# CLIP's own splitting rule.
WORDS = r"""'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""


def train_tokenizer(texts: list[str], folder: Path) -> None:
    """Learn the pieces from `texts` and save a CLIPTokenizer folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces, merges = _pieces(_learn(texts))
    (folder / "vocab.json").write_text(json.dumps({p: i for i, p in enumerate(pieces)}, ensure_ascii=False))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in merges) + "\n")
    special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
    config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": LENGTH, "do_lower_case": True, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    from transformers import CLIPTokenizer

    CLIPTokenizer.from_pretrained(folder).save_pretrained(folder)


def load_tokenizer(folder: Path):
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(folder)


def encode(tokenizer, texts: list[str]):
    """Token ids (N, 88), padded exactly as StableDiffusionPipeline does it."""
    return tokenizer(texts, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt").input_ids


def _learn(texts: list[str]) -> list[tuple[str, str]]:
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 2,
        min_frequency=2,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return [tuple(pair.split(" ")) if isinstance(pair, str) else tuple(pair) for pair in merges]


def _pieces(merges: list[tuple[str, str]]) -> tuple[list[str], list[tuple[str, str]]]:
    """The vocabulary in CLIP's order (bytes, bytes ending a word, merges, specials) and the merges it can use."""
    from tokenizers import pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = alphabet + [letter + "</w>" for letter in alphabet]
    known, usable = set(pieces), []
    for left, right in merges:
        if left not in known or right not in known or len(pieces) >= VOCABULARY - 2:
            continue
        usable.append((left, right))
        if left + right not in known:
            known.add(left + right)
            pieces.append(left + right)
    return [*pieces, START, END], usable
