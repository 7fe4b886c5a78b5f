"""The moderators' queue: what waits, all that is known of it, and what the buttons do."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from models_hub import states
from models_hub.models import Finding, ForbiddenHash, ModelCard, ModelSample, ModelVersion, WaitingVersion
from tests.admin.conftest import allow
from tests.admin.test_deeds import act
from tests.factories import UserFactory
from tests.hub import weights

pytestmark = pytest.mark.django_db
QUEUE = "admin:models_hub_waitingversion_changelist"


@pytest.fixture(autouse=True)
def _own_folders(settings, tmp_path):
    settings.QUARANTINE_DIR, settings.MODELS_DIR = tmp_path / "quarantine", tmp_path / "models"


@pytest.fixture
def desk(client, db):
    """A client of a moderator, with the permissions that the group has from its migrations."""
    user = UserFactory(username="mod", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    client.force_login(user)
    return client


def waiting(salt="w"):
    version = weights.ready(salt=salt)
    ModelSample.objects.create(version=version, image="samples/x.webp", width=8, height=8, prompt="p", seed=1)
    states.submit(version, version.card.owner)
    return version


def press(client, version, button, **more):
    page = reverse("admin:models_hub_waitingversion_change", args=[version.pk])
    answer = client.post(page, {f"models_hub_waitingversion_{button}": "1", **more}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_the_side_says_how_many_wait(desk):
    def number():
        links = [
            item for group in desk.get(reverse("admin:index")).context["sidebar_navigation"] for item in group["items"]
        ]
        return next(item["badge"] for item in links if "waitingversion" in item["link"])

    weights.ready(salt="not submitted")
    assert number() is None
    waiting()
    assert number() == 1


def test_only_what_waits_is_in_the_queue(desk):
    version = waiting()
    weights.ready(salt="not submitted")

    page = desk.get(reverse(QUEUE))

    assert [row.pk for row in page.context["cl"].result_list] == [version.pk]


def test_the_page_shows_facts_findings_hashes_and_samples(desk):
    version = waiting()
    file = version.files.get()
    Finding.objects.create(file=file, severity="info", code="same_content", params={"model": "<Other>"})

    page = desk.get(reverse("admin:models_hub_waitingversion_change", args=[version.pk])).content.decode()

    assert all(one.value in page for one in file.hashes.all())
    assert "rank: 4" in page
    assert "on this site already, in “&lt;Other&gt;”" in page
    assert reverse("models_hub:sample", args=[version.card.slug, version.samples.get().pk]) in page


def test_publishing_from_the_list_says_how_many(desk):
    version, other = waiting(), waiting("other")
    states.recall(other, other.card.owner)

    assert act(desk, WaitingVersion, "approve", [version, other]) == ["1 published."]
    assert ModelVersion.objects.published().get() == version


def test_sending_back_needs_a_reason_that_the_owner_reads(desk):
    version = waiting()

    assert "0 sent back." in press(desk, version, "reject_this")
    assert press(desk, version, "reject_this", verdict="Show a picture.") == ["1 sent back."]

    version.refresh_from_db()
    assert (version.status, version.reason) == ("rejected", "Show a picture.")


def test_forbidding_keeps_the_content_from_coming_back(desk):
    version = waiting()

    assert press(desk, version, "forbid_this", verdict="Stolen.") == ["1 sent back, 1 files forbidden."]

    assert ForbiddenHash.objects.get().sha256 == version.files.get().sha256
    again = weights.inspected(weights.draft(), weights.lora(salt="w"))
    assert again.state == "refused"


def test_cards_are_withdrawn_and_brought_back_with_their_versions(desk):
    version = waiting()
    states.approve(version, None)

    assert act(desk, ModelCard, "withdraw", [version.card]) == ["1 withdrawn."]
    assert not ModelVersion.objects.published().exists()
    assert act(desk, ModelCard, "restore", [version.card]) == ["1 brought back."]
    assert act(desk, ModelCard, "trash", [version.card]) == ["1 put in the trash."]
    assert not ModelVersion.objects.published().exists()


def test_staff_without_the_permission_neither_sees_nor_moves(client):
    version = waiting()
    helper = UserFactory(is_staff=True)
    client.force_login(helper)
    assert client.get(reverse(QUEUE)).status_code == 403

    allow(helper, "models_hub.view_modelversion")
    assert client.get(reverse(QUEUE)).status_code == 200
    page = reverse("admin:models_hub_waitingversion_change", args=[version.pk])
    assert client.post(page, {"models_hub_waitingversion_approve_this": "1"}).status_code == 403
    version.refresh_from_db()
    assert version.status == "waiting"


def test_an_unreadable_hash_is_not_forbidden(desk):
    page = reverse("admin:models_hub_forbiddenhash_add")

    answer = desk.post(page, {"sha256": "xyz", "reason": "x"})

    assert "64 hexadecimal digits" in answer.content.decode()
    assert not ForbiddenHash.objects.exists()
