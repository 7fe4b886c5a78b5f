"""Prompts of any length with AUTOMATIC1111's weights, turned into what the pipelines read.

`parse` and `counter.count` are plain Python that a web process may use; `encode` needs torch.
"""

from .encoding import chunks_needed, encode, measure
from .parsing import BREAK, parse

__all__ = ["BREAK", "chunks_needed", "encode", "measure", "parse"]
