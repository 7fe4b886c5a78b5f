"""The prompt box in a real browser: completion, weights, recall, presets, what is sent."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def studio(visitor, register):
    """The generate page of somebody who has just registered."""
    page = visitor()
    register(page)
    page.goto("/generate/")
    return page


def prompt_of(page):
    return page.locator("prompt-box textarea")


def option(page, text):
    return page.get_by_role("option").filter(has_text=text).first


def test_a_word_is_completed_with_the_keyboard(studio):
    box = prompt_of(studio)
    box.press_sequentially("a red apple, sunfl")
    expect(option(studio, "sunflower")).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")

    box.press("ArrowDown")
    expect(option(studio, "sunflower")).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == option(studio, "sunflower").get_attribute("id")
    box.press("Enter")

    expect(box).to_have_value("a red apple, sunflower")
    expect(studio.get_by_role("listbox")).to_be_hidden()


def test_escape_closes_and_enter_makes_a_line(studio):
    box = prompt_of(studio)
    box.press_sequentially("sunfl")
    expect(option(studio, "sunflower")).to_be_visible()

    box.press("Escape")
    expect(studio.get_by_role("listbox")).to_be_hidden()
    box.press("Enter")

    expect(box).to_have_value("sunfl\n")


def test_a_finger_takes_a_suggestion(visitor):
    page = visitor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="zh-CN")
    page.goto("/generate/")
    prompt_of(page).press_sequentially("红色的太")

    option(page, "太阳").tap()

    assert prompt_of(page).input_value() in {"红色的太阳", "红色的太阳镜", "红色的太阳脸"}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_keys_of_an_input_method_are_left_alone(studio):
    box = prompt_of(studio)
    box.press_sequentially("sunfl")
    expect(option(studio, "sunflower")).to_be_visible()

    stolen = box.evaluate("""box => ["ArrowDown", "Enter", "Tab", "Escape"].some(key => !box.dispatchEvent(
        new KeyboardEvent("keydown", {key, isComposing: true, bubbles: true, cancelable: true})))""")

    assert not stolen
    expect(studio.get_by_role("listbox")).to_be_visible()


def test_a_suggested_style_is_ticked_instead_of_written(studio):
    box = prompt_of(studio)
    box.press_sequentially("a cat, waterc")

    studio.locator('[role=option][data-kind="style"]').click()

    expect(box).to_have_value("a cat, ")
    assert studio.locator('input[name=styles][value="watercolour"]').is_checked()
    expect(studio.locator("prompt-box [data-sent-text]")).to_contain_text("watercolor painting of a cat")


def test_keys_change_the_weight_of_the_words(studio):
    box = prompt_of(studio)
    box.fill("a red apple, leaf")
    box.evaluate("box => box.setSelectionRange(2, 11)")

    box.press("Control+ArrowUp")
    box.press("Control+ArrowUp")
    expect(box).to_have_value("a (red apple:1.2), leaf")
    box.press("Control+ArrowDown")
    box.press("Control+ArrowDown")
    expect(box).to_have_value("a red apple, leaf")
    box.press("Control+ArrowDown")

    expect(box).to_have_value("a (red apple:0.9), leaf")


def test_the_counter_says_what_is_not_read(studio):
    prompt_of(studio).fill("a red apple, " * 15)

    expect(studio.locator("prompt-box [data-count]")).to_contain_text("/ 22")
    expect(studio.locator("prompt-box [data-note]")).to_contain_text("does not read")


def test_earlier_prompts_are_recalled_and_found_in_the_drawer(studio):
    box = prompt_of(studio)
    for text in ("a blue apple", "a red {apple|pear}"):
        box.fill(text)
        with studio.expect_response(
            lambda answer: answer.request.method == "POST" and answer.status in {201, 204, 302}
        ):
            box.press("Control+Enter")
    box.fill("something new")

    box.press("Alt+ArrowUp")
    expect(box).to_have_value("a red {apple|pear}")
    box.press("Alt+ArrowUp")
    expect(box).to_have_value("a blue apple")
    box.press("Alt+ArrowDown")
    box.press("Alt+ArrowDown")
    expect(box).to_have_value("something new")

    studio.get_by_role("button", name="Used before").click()
    drawer = studio.get_by_role("dialog", name="Prompts used before")
    row = drawer.get_by_role("listitem").filter(has_text="a blue apple")
    row.get_by_role("button", name="Star").click()
    expect(row.get_by_role("button", name="Star")).to_have_attribute("aria-pressed", "true")
    drawer.get_by_role("link", name="a blue apple").click()
    expect(box).to_have_value("a blue apple")


def test_a_preset_is_saved_changed_overwritten_and_shared(studio, visitor):
    box, menu = prompt_of(studio), studio.locator("own-presets summary").first
    box.fill("a cat in the evening")
    menu.click()
    studio.get_by_label("Name of the new preset").fill("Evening")
    studio.locator("#presets-menu").get_by_role("button", name="Save").click()
    expect(menu).to_contain_text("Evening")
    studio.keyboard.press("Escape")
    expect(menu).not_to_contain_text("changed")

    box.fill("a dog in the evening")
    expect(menu).to_contain_text("changed")
    menu.click()
    studio.get_by_role("button", name="Overwrite").click()
    expect(studio.get_by_text("holds these settings now")).to_be_visible()
    expect(menu).not_to_contain_text("changed")

    studio.goto("/presets/")
    studio.get_by_role("button", name="Share by link").click()
    link = studio.locator(".presets__link a").get_attribute("href")
    guest = visitor()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="Evening")).to_be_visible()
    guest.get_by_role("link", name="Use it").click()
    expect(prompt_of(guest)).to_have_value("a dog in the evening")
