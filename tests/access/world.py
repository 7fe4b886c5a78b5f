"""One row of every kind, all of them the owner's, and a client of every role."""

import secrets
import uuid

from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import sanctions
from accounts.models import ApiToken, Export, Profile
from gallery import previews
from gallery.models import Picture
from generation.models import Job, JobGroup, Preset, SavedPrompt, Source
from models_hub.models import Finding, ModelCard, ModelFile, ModelSample, ModelVersion, Review, Upload
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


def make_token_clients(people):
    """A client of every role but the guest's that carries a token instead of a session."""
    clients = {}
    for role, user in people.items():
        clients[role] = Client(raise_request_exception=False)
        clients[role].defaults["HTTP_AUTHORIZATION"] = f"Bearer {ApiToken.issue(user, 'bench')[1]}"
    return clients


# How what belongs to the owner is found, and what of it others may change: counters, and moments of looking.
OWNED = {Picture: "owner", Job: "owner", JobGroup: "owner", Preset: "owner", SavedPrompt: "owner", Source: "owner"}
OWNED |= {ModelCard: "owner", ModelVersion: "card__owner", ModelFile: "version__card__owner", Upload: "owner"}
OWNED |= {ModelSample: "version__card__owner", Finding: "file__version__card__owner", Review: "user", Comment: "author"}
OWNED |= {ApiToken: "user", UserSession: "user", Export: "user", Profile: "user"}
COUNTERS = {"likes", "comments", "followers", "reviews", "recommended", "last_used_at", "last_seen_at", "rating"}


def belongings():
    """{name of a model: its rows that are the owner's, without what others may change}."""
    found = {}
    for model, path in OWNED.items():
        rows = model._base_manager.filter(**{f"{path}__username": "owner"}).order_by("pk").values()
        found[model.__name__] = [{key: row[key] for key in row.keys() - COUNTERS} for row in rows]
    return found


def make_rows(owner):
    """{parameter of a route: value}. A route with a parameter that is not here cannot be tried: add it."""
    version = ModelVersionFactory(card__owner=owner, card__slug="card", card__name="Card")
    recipe = RecipeFactory(picture__owner=owner, version=version, picture__visibility="public")
    recipe.picture.published_at, recipe.picture.comments = timezone.now(), 1
    recipe.picture.save()
    recipe.picture.path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64)).save(recipe.picture.path)
    recipe.picture.preview_widths = previews.make(recipe.picture)
    recipe.picture.save(update_fields=["preview_widths"])
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
    "width": 256,
    "step": "files",
    "name": "x.safetensors",
    "value": "0" * 64,
    "kind": "avatars",
    "size": "small",
    "uidb36": "1",
}
SPECIAL = {"portrait": {"key": uuid.UUID(int=0).hex}, "account_confirm_email": {"key": "x"}}
SPECIAL["account_reset_password_from_key"] = {"key": "set-password"}
SPECIAL["generation:preset-change"] = {"deed": "rename"}
# What is sent along, where a route looks at that before it looks at who asks.
BODIES = {
    "api:comment": {"text": "changed"},
    "api:job-move": {"before": None},
    "api:picture-comments": {"text": "hello"},
    "api:model-comments": {"text": "hello"},
    "gallery:edit": {"title": "changed", "visibility": "private"},
    "social:comment-edit": {"text": "changed"},
    "social:picture-comments": {"text": "hello"},
    "social:model-comments": {"text": "hello"},
}
# Where one signs in, and what describes the API: no token is looked at.
WITHOUT_TOKENS = {"api:docs", "api:schema", "api:login", "api:register"}
