"""Jobs and what people ask them with."""

from generation.models.asking import Preset, SavedPrompt, StyleTemplate, Wildcard
from generation.models.group import JobGroup
from generation.models.job import Job, JobLora, Result
from generation.models.source import Source

__all__ = ["Job", "JobGroup", "JobLora", "Preset", "Result", "SavedPrompt", "Source", "StyleTemplate", "Wildcard"]
