"""Prompts of any length in AUTOMATIC1111's syntax, turned into what the pipelines read.

`parse`, `script` and `counter.count` are plain Python that a web process may use; `encode` and `encode_script`
need torch.
"""

from .encoding import Moment, chunks_needed, encode, encode_script, measure
from .parsing import BREAK, parse
from .scripts import is_plain, script, split, texts

__all__ = [
    "BREAK",
    "Moment",
    "chunks_needed",
    "encode",
    "encode_script",
    "is_plain",
    "measure",
    "parse",
    "script",
    "split",
    "texts",
]
