"""Finding models by words, by names nearly right, and by the hashes of their files."""

from models_hub.search.documents import index, reindex
from models_hub.search.finding import Search, narrow, ranked

__all__ = ["Search", "index", "narrow", "ranked", "reindex"]
