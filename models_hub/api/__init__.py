"""The model hub for programs."""

from models_hub.api.files import Archive, File
from models_hub.api.hashes import ByHash, ByHashes
from models_hub.api.models import Model, Models
from models_hub.api.reviews import Reviews

__all__ = ["Archive", "ByHash", "ByHashes", "File", "Model", "Models", "Reviews"]
