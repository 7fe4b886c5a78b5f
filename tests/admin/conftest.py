import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import ApiToken
from generation.models import Job, JobLora, Result
from models_hub.models import ModelFile, ModelSample
from social import services as social
from tests.factories import JobFactory, ModelVersionFactory, RecipeFactory, UserFactory


@pytest.fixture
def boss(db):
    return UserFactory(username="boss", is_staff=True, is_superuser=True)


@pytest.fixture
def office(client, boss):
    client.force_login(boss)
    return client


@pytest.fixture
def helper(db):
    """Staff with no permission at all."""
    return UserFactory(username="helper", is_staff=True)


def allow(user, *names):
    codes = [name.split(".")[1] for name in names]
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes))


def furnish(number=1):
    """Rows of every kind, `number` of each."""
    for _ in range(number):
        version = ModelVersionFactory()
        ModelFile.objects.create(version=version, name="unet.safetensors", size=5, sha256="0" * 64)
        ModelSample.objects.create(version=version, image="samples/x.webp", width=8, height=8, prompt="p", seed=1)
        picture = RecipeFactory(version=version).picture
        social.like(picture=picture, by=UserFactory())
        job = JobFactory(version=version, state=Job.State.DONE, finished_at=timezone.now(), seconds={"queue": 1.0})
        Result.objects.create(job=job, index=0, picture=picture)
        JobLora.objects.create(job=job, version=version)
        JobFactory(version=version, state=Job.State.FAILED, error_code="out_of_memory", finished_at=timezone.now())
        ApiToken.issue(job.owner, "phone")
