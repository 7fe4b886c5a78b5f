"""One row of every kind, all of them the owner's, and a client of every role."""

import secrets
import uuid

from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import sanctions
from accounts.models import ApiToken, Export
from generation.models import JobGroup, Preset, SavedPrompt, Source
from models_hub.models import Finding, ModelFile, ModelSample, Review, Upload
from social.models import Comment
from tests.accounts.people import administrator, moderator, trusted
from tests.factories import JobFactory, ModelVersionFactory, RecipeFactory, UserFactory

ROLES = ("guest", "user", "owner", "trusted", "moderator", "administrator", "banned")


def make_people():
    people = {
        "user": UserFactory(),
        "owner": UserFactory(username="owner"),
        "trusted": trusted(),
        "moderator": moderator(),
        "administrator": administrator(),
        "banned": UserFactory(),
    }
    return people


def make_clients(people):
    """A client of every role; the banned one was signed in before the ban."""
    clients = {"guest": Client(raise_request_exception=False)}
    for role, user in people.items():
        clients[role] = Client(raise_request_exception=False)
        clients[role].force_login(user)
    sanctions.ban(user=people["banned"], reason="Spam", by=people["administrator"])
    return clients


def make_rows(owner):
    """{parameter of a route: value}. A route with a parameter that is not here cannot be tried: add it."""
    version = ModelVersionFactory(card__owner=owner, card__slug="card", card__name="Card")
    recipe = RecipeFactory(picture__owner=owner, version=version, picture__visibility="public")
    recipe.picture.published_at, recipe.picture.comments = timezone.now(), 1
    recipe.picture.save()
    recipe.picture.path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64)).save(recipe.picture.path)
    file = ModelFile.objects.create(version=version, name="x.safetensors", size=5, sha256="0" * 64)
    expires = timezone.now() + timezone.timedelta(days=1)
    session = UserSession.objects.create(user=owner, ip="10.0.0.9", session_key=secrets.token_hex(16), user_agent="x")
    rows = {
        "picture_id": recipe.picture,
        "job_id": JobFactory(owner=owner, version=version),
        "prompt_id": SavedPrompt.objects.create(owner=owner, text="a red apple"),
        "preset_id": Preset.objects.create(owner=owner, name="mine"),
        "source_id": Source.objects.create(owner=owner, file="x.png", sha256="0" * 64, size=1, width=8, height=8),
        "grid_id": JobGroup.objects.create(owner=owner, x_axis=AXIS, y_axis=AXIS),
        "version_id": version,
        "file_id": file,
        "finding_id": Finding.objects.create(file=file, severity="warning", code="x"),
        "sample_id": ModelSample.objects.create(version=version, image="x.webp", width=8, height=8),
        "review_id": Review.objects.create(version=version, user=owner, recommends=True),
        "comment_id": Comment.objects.create(author=owner, picture=recipe.picture, text="hello"),
        "key": Upload.objects.create(owner=owner, version=version, name="x", length=9, expires_at=expires),
        "token_id": ApiToken.issue(owner, "phone")[0],
        "session_id": session,
        "export_id": Export.objects.create(user=owner),
    }
    return {name: row.pk for name, row in rows.items()} | {"slug": "card", "username": "owner"} | WORDS


AXIS = {"name": "steps", "label": "Steps", "values": ["4"], "labels": ["4"]}
# Parameters that name no row, or none that could be guessed.
WORDS = {
    "token": "x" * 22,
    "preprocessor": "edges",
    "deed": "trash",
    "width": 640,
    "step": "files",
    "name": "x.safetensors",
    "value": "0" * 64,
    "kind": "avatars",
    "size": "small",
    "uidb36": "1",
}
SPECIAL = {"portrait": {"key": uuid.UUID(int=0).hex}, "account_confirm_email": {"key": "x"}}
SPECIAL["account_reset_password_from_key"] = {"key": "set-password"}
