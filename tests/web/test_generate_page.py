"""The generate page: prefilled from addresses and pictures, open to guests, forgiving."""

from urllib.parse import parse_qs, urlsplit

import pytest

from generation.asking import prefill
from generation.models import Job
from tests.factories import JobFactory, ModelCardFactory, ModelVersionFactory

PAGE = "/generate/"
SWAP = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def signed_in(client, owner, version):
    client.force_login(owner)
    return client


def value_of(response, name):
    return response.context["form"][name].value()


def test_a_prompt_alone_is_a_whole_request(signed_in, version):
    response = signed_in.post(PAGE, {"prompt": "a red apple"})

    job = Job.objects.get()
    assert response.url == job.get_absolute_url()
    assert (job.version, job.steps, job.width, job.upscale) == (version, 20, 128, 4)


def test_everything_of_the_form_reaches_the_job(signed_in):
    asked = {"negative_prompt": "blurry", "steps": 7, "guidance": 4.5, "sampler": "euler", "seed": 11, "count": 2}

    signed_in.post(PAGE, {"prompt": "a cat", "model": "starter", "upscale": 1, "publish": "on", **asked})

    job = Job.objects.get()
    assert {name: getattr(job, name) for name in asked} == asked
    assert (job.publish, job.upscale) == (True, 1)


def test_a_guests_prompt_is_kept_through_registration(client, version):
    response = client.post(PAGE, {"prompt": "a red apple, 苹果 & more", "steps": "9"})

    assert urlsplit(response.url).path == "/accounts/signup/"
    target = parse_qs(urlsplit(response.url).query)["next"][0]
    page = client.get(target)
    assert value_of(page, "prompt") == "a red apple, 苹果 & more"
    assert value_of(page, "steps") == "9"
    assert "a red apple, 苹果 &amp; more" in client.get(response.url).content.decode()


def test_a_guests_longest_prompt_is_kept_as_well(client, version):
    prompt = "绿叶上的一个红苹果，" * 200

    response = client.post(PAGE, {"prompt": prompt})

    target = parse_qs(urlsplit(response.url).query)["next"][0]
    assert value_of(client.get(target), "prompt") == prompt


def test_a_guests_prompt_that_is_too_long_is_kept_whole_and_told(client, owner, version):
    prompt = "a red apple " * 250
    client.post(PAGE, {"prompt": prompt})
    client.force_login(owner)

    kept = value_of(client.get(PAGE, {"kept": 1}), "prompt")
    told = client.post(PAGE, {"prompt": kept})

    assert kept == prompt
    assert "use at most 2000 characters" in told.content.decode()


def test_the_prompt_of_a_picture_can_be_taken_alone(signed_in, make_picture):
    page = signed_in.get(PAGE, {"from": make_picture(prompt="a green pear").pk, "only": "prompt"})

    assert value_of(page, "prompt") == "a green pear"
    assert value_of(page, "negative_prompt") is None
    assert page.context["source"] is None


def test_the_address_prefills_the_form(signed_in):
    page = signed_in.get(PAGE, {"prompt": "a cat", "seed": "5", "model": "starter", "steps": "12"})

    assert [value_of(page, name) for name in ("prompt", "seed", "model", "steps")] == ["a cat", "5", "starter", "12"]


def test_a_remix_brings_everything_but_the_seed(signed_in, make_picture):
    page = signed_in.get(PAGE, {"from": make_picture(prompt="a green pear").pk})

    assert value_of(page, "prompt") == "a green pear"
    assert value_of(page, "steps") == 20
    assert value_of(page, "seed") is None


def test_a_remix_does_not_reveal_a_private_picture(client, people, make_picture):
    client.force_login(people["other"])

    page = client.get(PAGE, {"from": make_picture("private", prompt="a secret").pk})

    assert not value_of(page, "prompt")


@pytest.mark.parametrize("address", ["?from=nonsense", "?from=", "?steps=x&seed=-1&width=1e9", "?model=nowhere&lora=x"])
def test_a_mistyped_address_still_opens_the_page(signed_in, address):
    assert signed_in.get(PAGE + address).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", ""),
        ("prompt", "x" * 10_000),
        ("prompt", "a\x00b"),
        ("steps", "0"),
        ("steps", "-1"),
        ("steps", "1000000"),
        ("guidance", "nan"),
        ("seed", "4294967296"),
        ("model", "nowhere"),
        ("sampler", "magic"),
    ],
)
def test_a_refused_form_names_the_field_and_keeps_what_was_typed(signed_in, field, value):
    sent = {"prompt": "a red apple", "negative_prompt": "my own words", field: value}

    response = signed_in.post(PAGE, sent)

    assert 400 <= response.status_code < 500
    assert field in response.context["form"].errors
    assert "my own words" in response.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(("field", "name"), [("prompt", "提示词"), ("negative_prompt", "反向提示词")])
def test_a_null_character_is_refused_in_the_readers_language(signed_in, field, name):
    response = signed_in.post(PAGE, {"prompt": "a cat", field: "a\x00b"}, headers={"Accept-Language": "zh-hans"})

    assert response.context["form"].errors[field][0].startswith(f"{name}：")


@pytest.mark.parametrize(("width", "height"), [("130", "128"), ("99999", "128"), ("8", "8")])
def test_an_odd_size_is_refused_at_its_field(signed_in, width, height):
    response = signed_in.post(PAGE, {"prompt": "a cat", "shape": "custom", "width": width, "height": height})

    assert set(response.context["form"].errors) & {"width", "height"}


def test_a_page_that_swaps_gets_the_card_and_keeps_its_form(signed_in):
    response = signed_in.post(PAGE, {"prompt": "a cat"}, **SWAP)

    assert response.status_code == 201
    assert f'id="job-{Job.objects.get().pk}"' in response.content.decode()


def test_a_page_that_swaps_gets_the_form_when_it_is_refused(signed_in):
    response = signed_in.post(PAGE, {"prompt": ""}, **SWAP)

    assert response.headers["HX-Retarget"] == "#generate-form"
    assert "<html" not in response.content.decode()


def test_shapes_follow_the_model(signed_in, version):
    ModelVersionFactory(card__family="sd1", card__slug="sd", settings={"width": 512, "height": 512})

    signed_in.post(PAGE, {"prompt": "a cat", "model": "sd", "shape": "portrait"})
    signed_in.post(PAGE, {"prompt": "a cat", "model": "starter", "shape": "portrait"})

    assert set(Job.objects.values_list("width", "height")) == {(384, 512), (128, 128)}


def test_a_lora_goes_with_its_weight(signed_in):
    lora = ModelVersionFactory(card__kind="lora", card__slug="line")

    signed_in.post(PAGE, {"prompt": "a cat", "lora": ["line", ""], "lora_weight": ["0.6", "1"]})

    assert list(Job.objects.get().loras.values_list("version", "weight")) == [(lora.pk, 0.6)]


@pytest.mark.parametrize("rows", [("nowhere", "1"), ("line", "heavy")])
def test_a_bad_lora_row_is_told(signed_in, rows):
    ModelVersionFactory(card__kind="lora", card__slug="line")

    response = signed_in.post(PAGE, {"prompt": "a cat", "lora": rows[0], "lora_weight": rows[1]})

    assert response.status_code == 422
    assert "LoRA" in response.content.decode()


def test_a_job_is_cancelled_and_tried_again_from_its_page(signed_in, owner, version):
    job = JobFactory(owner=owner, version=version)

    for deed, state in (("cancel", "cancelled"), ("retry", "queued")):
        signed_in.post(f"/jobs/{job.pk}/{deed}/")
        job.refresh_from_db()
        assert job.state == state


def test_the_polled_state_is_the_snapshot(signed_in, owner, version):
    job = JobFactory(owner=owner, version=version)

    state = signed_in.get(f"/jobs/{job.pk}/state.json").json()

    assert (state["job"], state["state"], state["percent"], state["place"]) == (str(job.pk), "queued", 0, 1)


def test_a_site_without_models_says_so(client, owner):
    client.force_login(owner)

    response = client.post(PAGE, {"prompt": "a cat"})

    assert "There is no model on this site yet" in response.content.decode()


def test_a_model_without_weights_is_refused_not_a_crash(signed_in):
    ModelCardFactory(slug="empty")

    response = signed_in.post(PAGE, {"prompt": "a cat", "model": "empty"})

    assert response.status_code == 422
    assert "model" in response.context["form"].errors


def test_the_model_used_last_is_the_one_to_start_from(signed_in, owner):
    JobFactory(owner=owner, version=ModelVersionFactory(card__slug="favourite"))

    assert signed_in.get(PAGE).context["current"]["card"].slug == "favourite"
    signed_in.post(PAGE, {"prompt": "a cat"})
    assert Job.objects.first().version.card.slug == "favourite"


def test_jobs_without_pictures_can_be_found_and_tried_again(signed_in, owner, version):
    job = JobFactory(owner=owner, version=version, state="failed", error_message="It broke.")

    page = signed_in.get("/creations/?show=failed").content.decode()

    assert f"/jobs/{job.pk}/retry/" in page
    assert "It broke." in page


def test_what_is_kept_of_a_guest_is_bounded(client, version):
    long = {"prompt": "a cat", "negative_prompt": "x" * 20_000, "styles": ["y" * 20_000] * 8}
    client.post(PAGE, long)

    kept = client.session[prefill.KEPT]
    assert kept["prompt"] == ["a cat"]
    assert len(str(kept)) < 2 * prefill.MOST_KEPT
