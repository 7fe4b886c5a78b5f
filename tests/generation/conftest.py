"""Jobs are drawn for real, by the starter checkpoint, in this process."""

import pytest

from generation.rendering import resident
from models_hub import services as hub
from tests.factories import ModelCardFactory


@pytest.fixture
def starter(db):
    """The version of the starter checkpoint that comes with the site."""
    card = ModelCardFactory(slug="starter-3d", name="Starter 3D")
    settings = {"width": 128, "height": 128, "steps": 4, "guidance": 3.0, "sampler": "dpmpp_2m"}
    version, _created = hub.add_version(
        card=card, path=hub.STARTERS / "starter-3d", layout="diffusers", settings=settings
    )
    return version


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _not_stopping():
    resident.resume()
