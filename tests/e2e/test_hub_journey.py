"""The life of a model: brought by one person, inspected, let in by a moderator, drawn with by another."""

import hashlib
import json
import pathlib

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD
from tests.e2e.test_upload_wizard import LORA, STARTER, answer_the_model, begin

pytestmark = pytest.mark.e2e

NAME = "Travelling line"
PAGE = "/models/travelling-line/"
LONG = 180_000  # ms: a file is inspected, a picture drawn, while other tests keep the machine busy


@pytest.fixture
def lora(tmp_path):
    """The starter's LoRA under a name and with a hash of its own: only the header's metadata differ."""
    raw = LORA.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8 : 8 + size])
    header["__metadata__"] = {**header.get("__metadata__", {}), "title": NAME}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = tmp_path / "travelling-line.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + raw[8 + size :])
    return path


def introduce_oneself(page):
    """Fill the settings' profile as a newcomer would."""
    page.goto("/settings/profile/")
    page.get_by_label("Choose an avatar").set_input_files(STARTER / "samples" / "1.webp")
    page.locator("header .avatar img").wait_for()
    page.get_by_label("About me").fill("I draw thin lines.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_role("main")).to_contain_text("I draw thin lines.")


def bring(page, register, path):
    """Take the model through the wizard, to the moderators."""
    begin(page, register, NAME)
    answer_the_model(page)
    page.get_by_text("Saved at").wait_for()
    page.get_by_role("link", name="Files").click()
    page.locator("#files").set_input_files(path)
    page.get_by_text("Clean", exact=True).wait_for(timeout=LONG)
    page.get_by_role("link", name="Continue").click()
    page.locator("#pictures").set_input_files(STARTER / "samples" / "2.webp")
    page.locator(".sample-card").wait_for()
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("I made this").check()
    page.get_by_role("main").get_by_role("button", name="Publish").click()
    page.get_by_text("Waiting for a moderator").first.wait_for()


def let_in(page):
    """Publish the model as the administrator, in the back office."""
    page.goto("/accounts/login/?next=/admin/models_hub/waitingversion/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=NAME).first.click()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("1 published.").wait_for()


def speak(page):
    """Like, review and comment, and follow who brought the model."""
    page.goto(PAGE)
    page.locator(".hub__actions button.like").click()
    expect(page.locator(".hub__actions button.like")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Follow", exact=True).click()
    page.get_by_role("button", name="Following").wait_for()
    page.get_by_text("Write a review").click()
    page.locator(".verdict label").first.click()
    page.locator("#reviews textarea").fill("A hand that never shakes.")
    page.locator("#reviews").get_by_role("button", name="Save").click()
    expect(page.locator("#reviews .review")).to_contain_text("A hand that never shakes.")
    page.get_by_label("Your comment").fill("More of these, please.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#comments-all")).to_contain_text("More of these, please.")


def draw(page):
    """Press Generate on the model's page, wait for the picture, publish it. Returns the address of its page."""
    page.goto(PAGE)
    page.get_by_role("link", name="Generate with this").click()
    page.get_by_label("Prompt", exact=True).fill("an apple")
    page.get_by_role("main").get_by_role("button", name="Generate").click()
    card = page.locator("job-card[data-state=done]").first
    card.wait_for(timeout=LONG)
    card.get_by_role("button", name="Publish", exact=True).click()
    card.get_by_role("button", name="Unpublish").wait_for()
    return card.locator("a[href*='/pictures/']").first.get_attribute("href")


def downloaded(page):
    """The SHA-256 of the file behind the page's button."""
    page.goto(PAGE)
    with page.expect_download() as coming:
        page.locator("a.hub__download").click()
    return hashlib.sha256(pathlib.Path(coming.value.path()).read_bytes()).hexdigest()


def test_a_model_goes_from_its_maker_by_a_moderator_to_a_stranger(visitor, register, lora):
    maker, stranger = visitor(), visitor()
    bring(maker, register, lora)
    introduce_oneself(maker)
    register(stranger)
    assert stranger.request.get(PAGE).status == 404
    let_in(visitor())

    speak(stranger)
    picture = draw(stranger)

    assert downloaded(stranger) == hashlib.sha256(lora.read_bytes()).hexdigest()
    expect(stranger.locator(f"#made a[href='{picture}']").first).to_be_visible()
    stranger.goto(picture)
    expect(stranger.get_by_role("main").get_by_role("link", name=NAME)).to_be_visible()
    stranger.goto("/downloads/")
    expect(stranger.get_by_role("main").get_by_role("link", name=NAME).first).to_be_visible()
