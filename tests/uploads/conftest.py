"""A user with a draft model, and a client that speaks tus by hand."""

import base64
import hashlib

import pytest

from accounts.models import ApiToken
from models_hub.models import Upload
from tests.factories import ModelVersionFactory, UserFactory

BODY = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def _own_quarantine(settings, tmp_path):
    settings.QUARANTINE_DIR = tmp_path / "quarantine"


@pytest.fixture
def owner(db):
    return UserFactory(username="owner")


@pytest.fixture
def version(owner):
    return ModelVersionFactory(
        card__owner=owner, card__status="draft", status="draft", path="", layout="", sha256=None, size=0
    )


@pytest.fixture
def tus(owner, client):
    client.force_login(owner)
    return Tus(client)


def token_of(user, *scopes):
    row, secret = ApiToken.issue(user, "test")
    ApiToken.objects.filter(pk=row.pk).update(scopes=list(scopes))
    return secret


def metadata(**values):
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in values.items())


def checksum(data, algorithm="sha1"):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


class Tus:
    """Requests of the protocol through Django's test client."""

    def __init__(self, client):
        self.client = client

    def send(self, method, path, data=b"", **headers):
        headers = {name.replace("_", "-"): str(value) for name, value in headers.items()}
        kind = headers.pop("Content-Type", BODY)
        headers.setdefault("Tus-Resumable", "1.0.0")
        return self.client.generic(method, path, data, content_type=kind, headers=headers)

    def create(self, length, name="model.safetensors", data=b"", told=None, **headers):
        headers.setdefault("Upload_Metadata", metadata(name=name, **(told or {})))
        kind = {} if data else {"Content_Type": ""}
        return self.send("POST", "/uploads/", data, Upload_Length=length, **kind, **headers)

    def begin(self, length, **options):
        """The Upload of a creation that went well."""
        answer = self.create(length, **options)
        assert answer.status_code == 201, answer.content
        return Upload.objects.get(pk=answer["Location"].split("/")[-2])

    def patch(self, upload, data, offset, **headers):
        return self.send("PATCH", f"/uploads/{upload.pk}/", data, Upload_Offset=offset, **headers)

    def head(self, upload):
        return self.send("HEAD", f"/uploads/{upload.pk}/")
