"""The generate form in a real browser: what is typed survives, additions are picked, sides are extended."""

import pytest
from playwright.sync_api import expect

from tests.e2e.test_painting import gradient

pytestmark = pytest.mark.e2e


@pytest.fixture
def form(visitor, register):
    """The generate page of a new user."""
    page = visitor()
    register(page)
    page.goto("/generate/")
    return page


def upload(page):
    file = {"name": "gradient.png", "mimeType": "image/png", "buffer": gradient()}
    page.locator('source-field[data-role="source"] input[type="file"]').set_input_files(file)
    expect(page.locator('[name="source"]')).not_to_have_value("")


def more(page):
    page.get_by_text("More settings").click()


def noted(page):
    """Wait until the form has noted itself down."""
    page.wait_for_function(
        "() => Object.keys(sessionStorage).some(key => sessionStorage[key].includes('a green kite'))"
    )
    page.wait_for_timeout(400)


def test_everything_typed_survives_a_reload(form):
    more(form)
    form.get_by_label("Steps", exact=True).fill("33")
    form.get_by_text("Picture to picture").click()
    upload(form)
    form.locator('[data-pick="lora"]').click()
    form.locator("[data-add]").first.click()
    form.get_by_label("Prompt", exact=True).fill("a green kite")
    noted(form)

    form.reload()

    expect(form.get_by_label("Prompt", exact=True)).to_have_value("a green kite")
    expect(form.get_by_label("Steps", exact=True)).to_have_value("33")
    expect(form.get_by_role("radio", name="Picture to picture")).to_be_checked()
    expect(form.get_by_role("img", name="The chosen picture")).to_be_visible()
    expect(form.locator("li.resource")).to_have_count(1)


def test_a_picked_lora_brings_its_words_and_can_be_removed(form):
    form.locator('[data-pick="lora"]').click()
    form.get_by_role("searchbox", name="Search").fill("line")
    form.get_by_role("button", name="Add Starter line art (LoRA)").click()

    form.locator("li.resource [data-word]").first.click()
    expect(form.get_by_label("Prompt", exact=True)).to_have_value("line icon")
    form.get_by_role("button", name="Remove Starter line art (LoRA)").click()

    expect(form.locator("li.resource")).to_have_count(0)


def test_a_refused_form_keeps_what_was_chosen_and_says_why(form):
    form.get_by_text("Inpaint", exact=True).click()
    upload(form)
    form.get_by_label("Prompt", exact=True).fill("a cat")

    form.keyboard.press("Control+Enter")

    expect(form.get_by_text("Mask: paint the part to draw anew.").first).to_be_visible()
    expect(form.get_by_label("The picture to paint on")).to_be_visible()
    expect(form.get_by_label("Prompt", exact=True)).to_have_value("a cat")


def test_the_sides_of_an_outpainting_are_set_by_keys_and_presets(form):
    form.get_by_text("Outpaint", exact=True).click()
    upload(form)

    form.get_by_role("button", name="Wider").click()
    expect(form.get_by_text("128 × 128 becomes 192 × 128 pixels")).to_be_visible()
    form.get_by_role("slider", name="Left").press("ArrowRight")

    expect(form.get_by_role("spinbutton", name="Left")).to_have_value("24")
    expect(form.get_by_text("128 × 128 becomes 184 × 128 pixels")).to_be_visible()


def test_a_file_that_is_no_picture_is_refused_in_a_sentence(form):
    form.get_by_text("Picture to picture").click()

    file = {"name": "notes.png", "mimeType": "image/png", "buffer": b"not a picture at all"}
    form.locator('source-field[data-role="source"] input[type="file"]').set_input_files(file)

    expect(form.get_by_text("this is not a picture that can be read")).to_be_visible()


def test_a_help_bubble_opens_by_key_and_closes_by_escape(form):
    more(form)
    button = form.locator('[popovertarget="help-steps"]')
    button.press("Enter")
    expect(form.locator("#help-steps img")).to_be_visible()

    form.keyboard.press("Escape")

    expect(form.locator("#help-steps")).to_be_hidden()
    expect(button).to_be_focused()
