"""What a prompt may be made of besides words: wildcards, choices, LoRA tags, styles; and what helps to write one."""

from generation.prompting.resolving import Resolved, resolve

__all__ = ["Resolved", "resolve"]
