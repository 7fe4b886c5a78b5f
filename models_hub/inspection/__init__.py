"""Reads what a model file is from its header alone: bounded, without torch, without running anything.

`inspect(path)` answers for a .safetensors file or a diffusers folder; `BadFile` says in a sentence
why a file is refused.
"""

from .errors import BadFile
from .report import Report, inspect

__all__ = ["BadFile", "Report", "inspect"]
