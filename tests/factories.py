"""Rows for tests."""

import hashlib
import uuid

import factory
from factory.django import DjangoModelFactory

from accounts.models import Profile, User
from gallery import uses
from gallery.models import Picture, Recipe
from generation.models import Job
from models_hub.models import ModelCard, ModelVersion

PASSWORD = "correct-horse-battery"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    password = factory.django.Password(PASSWORD)
    profile = factory.RelatedFactory("tests.factories.ProfileFactory", factory_related_name="user")


class ProfileFactory(DjangoModelFactory):
    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory, profile=None)


class ModelCardFactory(DjangoModelFactory):
    class Meta:
        model = ModelCard

    name = factory.Sequence(lambda n: f"Model {n}")
    slug = factory.Sequence(lambda n: f"model-{n}")
    kind = ModelCard.Kind.CHECKPOINT
    family = "starter"
    status = ModelCard.Status.PUBLISHED


class ModelVersionFactory(DjangoModelFactory):
    class Meta:
        model = ModelVersion

    card = factory.SubFactory(ModelCardFactory)
    layout = ModelVersion.Layout.DIFFUSERS
    path = factory.Sequence(lambda n: f"model-{n}")
    sha256 = factory.Sequence(lambda n: hashlib.sha256(str(n).encode()).hexdigest())
    size = 1000
    settings = factory.LazyFunction(
        lambda: {"width": 128, "height": 128, "steps": 20, "guidance": 3.0, "sampler": "dpmpp_2m"}
    )


class JobFactory(DjangoModelFactory):
    class Meta:
        model = Job

    owner = factory.SubFactory(UserFactory)
    version = factory.SubFactory(ModelVersionFactory)
    prompt = "a red apple"
    seed = 7
    steps = 4
    guidance = 3.0
    sampler = "dpmpp_2m"
    width = height = 128
    upscale = 1


class PictureFactory(DjangoModelFactory):
    """A picture's row; it has no file unless the test writes one."""

    class Meta:
        model = Picture

    id = factory.LazyFunction(uuid.uuid4)
    owner = factory.SubFactory(UserFactory)
    file = factory.LazyAttribute(lambda picture: f"pictures/{picture.id}.png")
    sha256 = "0" * 64
    size = 1000
    width = height = 512


class RecipeFactory(DjangoModelFactory):
    class Meta:
        model = Recipe
        skip_postgeneration_save = True

    picture = factory.SubFactory(PictureFactory)
    version = factory.SubFactory(ModelVersionFactory)
    model_name = "Model"
    model_sha256 = "0" * 64
    prompt = "a red apple"
    seed = 7
    steps = 20
    guidance = 3.0
    sampler = "dpmpp_2m"
    width = height = 128

    @factory.post_generation
    def card_of_the_picture(self, create, extracted, **kwargs):
        """As gallery.services.store keeps it."""
        if create and self.version:
            self.picture.card = self.version.card
            Picture.objects.filter(pk=self.picture.pk).update(card=self.version.card)
            uses.record(self.picture, vars(self) | {"version": self.version})
