"""The hub: ModelCard > ModelVersion > ModelFile, what inspection found, what people say and take."""

from models_hub.models.card import ModelCard, Tag
from models_hub.models.file import FileHash, Finding, ForbiddenHash, ModelFile
from models_hub.models.opinion import Download, Review
from models_hub.models.sample import ModelSample
from models_hub.models.upload import Upload
from models_hub.models.version import ModelVersion
from models_hub.models.waiting import WaitingVersion

__all__ = [
    "Download",
    "FileHash",
    "Finding",
    "ForbiddenHash",
    "ModelCard",
    "ModelFile",
    "ModelSample",
    "ModelVersion",
    "Review",
    "Tag",
    "Upload",
    "WaitingVersion",
]
