"""The model hub in the back office."""

from models_hub.admin import cards, files, queue

__all__ = ["cards", "files", "queue"]
