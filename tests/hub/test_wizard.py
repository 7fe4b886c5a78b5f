"""The wizard's pages: what they save, what they ask for, whom they let in."""

import pytest

from models_hub.models import Finding, ModelCard, ModelFile, ModelSample, ModelVersion, Upload
from safety.models import Word
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory

STEPS = ["model", "version", "files", "samples", "publish"]
ANSWERS = {
    "name": "Ink hills",
    "kind": "lora",
    "family": "sdxl",
    "category": "style",
    "description": "Hills in **ink**.",
    "words": "Ink, Ｉｎｋ, landscape",
    "licence_choice": "own",
    "licence": "My licence",
    "commercial_use": "none",
    "credit_required": "",
    "merges_allowed": "1",
    "relicensing_allowed": "",
    "shows_real_person": "1",
    "content_level": "1",
}


@pytest.fixture
def owner(client, db):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def version(owner):
    card = ModelCardFactory(owner=owner, status="draft", kind="lora", family="", slug="ink", name="Ink")
    return ModelVersionFactory(card=card, status="draft", path="", layout="", sha256=None, size=0, settings={})


def page(version, step):
    return f"/models/{version.card.slug}/edit/{step}/?version={version.pk}"


def complete(version, state=ModelFile.State.CLEAN):
    fields = {"family": "sdxl", "category": "style", "description": "Hills.", "licence": "MIT"}
    ModelCard.objects.filter(pk=version.card_id).update(**fields)
    ModelVersion.objects.filter(pk=version.pk).update(status="ready")
    ModelSample.objects.create(version=version, image="samples/a.webp", width=8, height=8, prompt="hills", seed=1)
    return ModelFile.objects.create(version=version, name="a.safetensors", size=5, sha256="a" * 64, state=state)


def test_two_answers_make_a_draft(client, owner):
    answer = client.post("/models/new/", {"name": "Mine", "kind": "lora"})

    card = owner.models.get()
    assert answer["Location"] == f"/models/{card.slug}/edit/model/"
    assert (card.status, card.versions.get().status, card.slug) == ("draft", "draft", "mine-2")


def test_a_model_may_begin_like_an_earlier_one(client, owner):
    ModelCardFactory(owner=owner, slug="first", licence="MIT", category="style", credit_required=False)

    client.post("/models/new/", {"name": "Second", "kind": "lora", "like": "first"})

    card = owner.models.get(name="Second")
    assert (card.licence, card.category, card.credit_required) == ("MIT", "style", False)


def test_the_model_step_saves_every_answer(client, version):
    answer = client.post(page(version, "model"), ANSWERS)

    card = ModelCard.objects.get()
    assert answer["Location"] == page(version, "version")
    assert {tag.name for tag in card.tags.all()} == {"Ink", "landscape"}
    assert (card.name, card.licence, card.content_level) == ("Ink hills", "My licence", 1)
    assert (card.credit_required, card.merges_allowed, card.shows_real_person) == (False, True, True)


def test_what_is_valid_is_saved_by_itself_and_the_rest_is_said(client, version):
    answer = client.post(page(version, "model"), ANSWERS | {"name": ""}, headers={"HX-Request": "true"})

    card = ModelCard.objects.get()
    assert (card.name, card.description) == ("Ink", "Hills in **ink**.")
    assert "Name" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_a_licence_of_ones_own_needs_a_name(client, version):
    answer = client.post(page(version, "model"), ANSWERS | {"licence": ""})

    assert "say what it is called" in answer.content.decode()


@pytest.mark.parametrize("words", ["a," * 25 + "b" * 70, ",".join(f"tag{n}" for n in range(30)), "x\x00y"])
def test_tags_beyond_bounds_are_refused_in_a_sentence(client, version, words):
    answer = client.post(page(version, "model"), ANSWERS | {"words": words})

    assert answer.status_code == 200
    assert not ModelCard.objects.get().tags.exists()


def test_the_version_step_saves_words_and_settings(client, version):
    given = {"name": "2", "words": "inkhills, brush", "examples": "a hill\na river", "steps": "30", "guidance": "4.5"}
    given |= {"sampler": "euler_a", "weight": "0.8", "login_to_download": "on", "width": "", "clip_skip": ""}

    client.post(page(version, "version"), given)

    version.refresh_from_db()
    assert version.trigger_words == ["inkhills", "brush"]
    assert version.settings == {"steps": 30, "guidance": 4.5, "sampler": "euler_a", "weight": 0.8}
    assert version.example_prompts["en"] == ["a hill", "a river"]
    assert version.login_to_download


@pytest.mark.parametrize("bad", [{"steps": "0"}, {"width": "x"}, {"sampler": "<script>"}, {"guidance": "nan"}])
def test_settings_beyond_bounds_are_refused(client, version, bad):
    answer = client.post(page(version, "version"), {"name": "2"} | bad)

    version.refresh_from_db()
    assert answer.status_code == 200
    assert not set(bad) & set(version.settings)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_shown_to_owner_and_moderators_and_to_nobody_else(client, version, step):
    assert client.get(page(version, step)).status_code == 200
    client.force_login(UserFactory(is_superuser=True, is_staff=True))
    assert client.get(page(version, step)).status_code == 200

    client.force_login(UserFactory())
    assert client.get(page(version, step)).status_code == 404
    client.logout()
    assert client.get(page(version, step))["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    "deed",
    ["files/send/", "samples/add/", "publish/send/", "delete/", "new-version/", "withdraw/", "trash/", "restore/"],
)
def test_nobody_else_does_anything_to_a_model(client, version, deed):
    complete(version)
    before = ModelVersion.objects.values().get()
    client.force_login(UserFactory())

    assert client.post(f"/models/ink/edit/{deed}", {"checked": "1", "reason": "x"}).status_code == 404
    assert client.get(f"/models/ink/edit/{deed}").status_code == 405
    assert ModelVersion.objects.values().get() == before


def test_one_comes_back_to_the_step_that_lacks_something(client, version):
    assert client.get("/models/ink/edit/")["Location"] == page(version, "model")
    complete(version)
    assert client.get("/models/ink/edit/")["Location"] == page(version, "publish")
    ModelSample.objects.all().delete()
    assert client.get("/models/ink/edit/")["Location"] == page(version, "samples")


def test_the_publish_step_lists_what_is_missing_with_links(client, version):
    text = client.get(page(version, "publish")).content.decode()

    assert "Choose a licence." in text
    assert "Add the model&#x27;s file." in text
    assert f"/models/ink/edit/samples/?version={version.pk}" in text


def test_what_lacks_something_is_not_handed_in(client, version):
    complete(version, state=ModelFile.State.QUESTION)

    client.post("/models/ink/edit/publish/send/", {"checked": "1", "version": version.pk})

    version.refresh_from_db()
    assert version.status == "ready"


def test_the_last_tick_is_asked_for(client, version):
    complete(version)

    client.post("/models/ink/edit/publish/send/", {"version": version.pk})

    version.refresh_from_db()
    assert version.status == "ready"


def test_a_whole_model_is_handed_in(client, version):
    complete(version)

    client.post("/models/ink/edit/publish/send/", {"checked": "1", "version": version.pk})

    version.refresh_from_db()
    assert version.status == "waiting"


def test_a_question_is_answered_with_the_files_word(client, version):
    file = complete(version, state=ModelFile.State.QUESTION)
    params = {"said": "lora", "found": "checkpoint"}
    finding = Finding.objects.create(file=file, severity="question", code="kind_differs", params=params)
    assert "Take what the file says" in client.get(page(version, "files")).content.decode()

    client.post(f"/models/ink/edit/files/{file.pk}/questions/{finding.pk}/", {"answer": "file"})

    file.refresh_from_db()
    assert file.state == ModelFile.State.CLEAN
    assert ModelCard.objects.get().kind == "checkpoint"


def test_removing_the_refused_file_makes_a_version_ready(client, version):
    complete(version)
    bad = ModelFile.objects.create(version=version, name="b.ckpt", size=5, sha256="b" * 64, state="refused")
    ModelVersion.objects.update(status="rejected")

    client.post(f"/models/ink/edit/files/{bad.pk}/remove/")

    version.refresh_from_db()
    assert version.status == "ready"


def test_files_of_a_published_version_stay(client, version):
    file = complete(version)
    ModelVersion.objects.update(status="published")

    client.post(f"/models/ink/edit/files/{file.pk}/remove/")

    assert ModelFile.objects.filter(pk=file.pk).exists()


def test_unfinished_uploads_say_how_to_continue(client, version, owner):
    upload = Upload.objects.create(
        owner=owner, version=version, name="big.safetensors", length=10, offset=4, expires_at="2099-01-01T00:00Z"
    )

    text = client.get(f"/models/ink/edit/files/list/?version={version.pk}").content.decode()

    assert "40 % of" in text
    assert f'data-upload="{upload.pk}"' in text


def test_a_new_version_keeps_words_and_settings(client, version):
    complete(version)
    ModelVersion.objects.update(status="published", trigger_words=["ink"], settings={"steps": 20})

    client.post("/models/ink/edit/new-version/")
    client.post("/models/ink/edit/new-version/")

    new = ModelVersion.objects.exclude(pk=version.pk).get()
    assert (new.name, new.status, new.trigger_words) == ("2.0", "draft", ["ink"])


def test_the_preview_is_markdown_without_scripts(client, owner):
    text = client.post("/models/preview/", {"description": "**a** <script>x</script>"}).content.decode()

    assert "<strong>a</strong>" in text
    assert "<script" not in text


def test_a_muted_owner_changes_nothing(client, version, owner):
    type(owner).objects.filter(pk=owner.pk).update(muted_until="2099-01-01T00:00Z")

    client.post(page(version, "model"), ANSWERS)

    assert ModelCard.objects.get().name == "Ink"


def test_kind_and_family_stay_once_published(client, version):
    complete(version)
    ModelCard.objects.update(published_at="2026-01-01T00:00Z", status="published")

    client.post(page(version, "model"), ANSWERS | {"kind": "vae", "family": "sd1"})

    card = ModelCard.objects.get()
    assert (card.kind, card.family, card.name) == ("lora", "sdxl", "Ink hills")


def test_the_word_list_holds_for_what_a_model_says_of_itself(client, version):
    Word.objects.create(text="flarn", category=Word.Category.VIOLENCE)

    client.post(page(version, "model"), ANSWERS | {"description": "flarn"})
    client.post(page(version, "version"), {"name": "2.0", "notes": "flarn"})

    version.refresh_from_db()
    assert (version.card.description == "flarn", version.notes, version.name) == (False, "", "2.0")
    assert ModelCard.objects.get().name == "Ink hills"
