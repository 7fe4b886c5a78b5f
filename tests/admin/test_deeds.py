"""What moderators do goes through the services, is logged and told in numbers."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from gallery.models import Picture
from generation.models import Job
from safety import services as safety
from safety.models import PromptGuard, Word
from social import services as social
from social.models import Like
from tests.admin.conftest import allow
from tests.factories import PASSWORD, JobFactory, ModelVersionFactory, PictureFactory, UserFactory

pytestmark = pytest.mark.django_db


def act(client, model, action, rows):
    """Run a list's action on `rows`; the sentences that it answers with."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    answer = client.post(address, {"action": action, "_selected_action": [row.pk for row in rows]}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_cancelling_jobs_says_how_many_and_why_not_all(office):
    queued, done = JobFactory(), JobFactory(state=Job.State.DONE)

    sentences = act(office, Job, "cancel", [queued, done])

    assert sentences == ["1 cancelled.", "1 left as they were: This job is already over."]
    assert Job.objects.get(pk=queued.pk).state == Job.State.CANCELLED
    assert LogEntry.objects.filter(object_id=str(queued.pk)).count() == 1
    assert not LogEntry.objects.filter(object_id=str(done.pk)).exists()


def test_failed_jobs_are_tried_again(office):
    failed = JobFactory(state=Job.State.FAILED)

    assert act(office, Job, "retry", [failed]) == ["1 queued again."]
    assert Job.objects.get().state == Job.State.QUEUED


def test_saving_a_jobs_page_changes_nothing_but_what_its_button_does(office):
    job = JobFactory()
    page = reverse("admin:generation_job_change", args=[job.pk])

    office.post(page, {"prompt": "other", "state": "done", "loras-TOTAL_FORMS": 0, "loras-INITIAL_FORMS": 0})
    job.refresh_from_db()
    assert (job.prompt, job.state) == ("a red apple", Job.State.QUEUED)

    forms = {f"{name}-{kind}_FORMS": 0 for name in ("loras", "results") for kind in ("TOTAL", "INITIAL")}
    office.post(page, forms | {"generation_job_cancel_this": "1"})
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert [entry.get_change_message() for entry in LogEntry.objects.all()] == ["1 cancelled."]


def test_pictures_are_hidden_and_shown_again(office):
    one, hidden = PictureFactory(), PictureFactory(is_hidden=True)

    assert act(office, Picture, "hide", [one, hidden]) == ["1 hidden."]
    assert Picture.objects.filter(is_hidden=True).count() == 2
    assert act(office, Picture, "unhide", [one, hidden]) == ["2 shown again."]
    assert not Picture.objects.filter(is_hidden=True).exists()


def test_those_who_may_only_look_cannot_act(client, helper):
    allow(helper, "gallery.view_picture", "generation.view_job")
    client.force_login(helper)
    picture, job = PictureFactory(), JobFactory()

    act(client, Picture, "hide", [picture])
    act(client, Job, "cancel", [job])

    assert not Picture.objects.get().is_hidden
    assert Job.objects.get().state == Job.State.QUEUED


def test_staff_cannot_raise_themselves(client, helper):
    allow(helper, "accounts.view_user", "accounts.change_user", "accounts.change_profile")
    client.force_login(helper)
    page = reverse("admin:accounts_user_change", args=[helper.pk])
    forms = {"profile-TOTAL_FORMS": 1, "profile-INITIAL_FORMS": 1, "profile-0-id": helper.profile.pk}
    forms |= {"profile-0-user": helper.pk, "api_tokens-TOTAL_FORMS": 0, "api_tokens-INITIAL_FORMS": 0}

    answer = client.post(page, forms | {"username": "helper2", "is_active": "on", "is_superuser": "on"})

    assert answer.status_code == 302
    helper.refresh_from_db()
    assert (helper.username, helper.is_superuser, helper.is_staff) == ("helper2", False, True)


def test_a_username_that_differs_only_in_width_is_refused(office):
    UserFactory(username="anna")
    new = {"username": "Ａnna", "email": "", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    new |= {"profile-TOTAL_FORMS": 0, "profile-INITIAL_FORMS": 0}

    answer = office.post(reverse("admin:accounts_user_add"), new)

    assert answer.status_code == 200
    assert "This username is taken" in answer.content.decode()


def test_deleting_a_like_counts_it_back(office):
    picture = PictureFactory()
    social.like(picture=picture, by=UserFactory())
    social.like(picture=picture, by=UserFactory())

    one, other = Like.objects.all()
    office.post(reverse("admin:social_like_delete", args=[one.pk]), {"post": "yes"})
    assert Picture.objects.get().likes == 1
    office.post(
        reverse("admin:social_like_changelist"),
        {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"},
    )
    assert Picture.objects.get().likes == 0


def test_models_are_withdrawn_and_published(office):
    card = ModelVersionFactory().card

    assert act(office, type(card), "withdraw", [card]) == ["1 withdrawn."]
    assert act(office, type(card), "withdraw", [card])[0] == "0 withdrawn."
    assert act(office, type(card), "restore", [card]) == ["1 brought back."]


def test_words_are_switched_and_the_guard_knows_at_once(office):
    word = Word.objects.create(text="zorble")
    assert safety.find_words("zorble")

    assert act(office, Word, "deactivate", [word]) == ["1 deactivated."]

    assert not safety.find_words("zorble")


@pytest.mark.parametrize("text", ["性", "a", "!!!", " \u200b "])
def test_a_word_that_would_match_all_or_nothing_is_refused(office, text):
    before = Word.objects.count()

    answer = office.post(reverse("admin:safety_word_add"), {"text": text, "category": "other", "is_active": "on"})

    assert answer.status_code == 200
    assert Word.objects.count() == before


def test_a_sentence_is_tried_without_being_stored(office):
    page = office.post(reverse("admin:safety_word_try"), {"sentence": "a p o r n <b> picture"}).content.decode()

    assert ">p o r n</mark>" in page
    assert "&lt;b&gt; picture" in page


def test_the_prompt_guard_is_one_row(office):
    answer = office.get(reverse("admin:safety_promptguard_changelist"))

    assert answer["Location"] == reverse("admin:safety_promptguard_change", args=[1])
    office.post(answer["Location"], {"prefix": "safe", "negative_prefix": "gore"})
    assert safety.guard() == ("safe", "gore")
    assert PromptGuard.objects.count() == 1
