"""What tells of ended jobs, the dialog with the keys, what a job would take; presets put in order; menus by keys."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_queue import LONG, artist, drawn, send  # noqa: F401 - a fixture

pytestmark = pytest.mark.e2e
HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_note_tells_of_a_picture_that_is_out_of_sight(artist):  # noqa: F811
    page = artist()
    page.get_by_role("tab", name=re.compile("Queue")).click()

    page.get_by_label("Prompt", exact=True).fill("a red apple")
    page.keyboard.press("Control+Enter")

    note = page.locator(".toast")
    expect(note).to_contain_text("Your picture is ready", timeout=LONG)
    expect(note).to_contain_text("a red apple")
    assert "/jobs/" in note.get_by_role("link").get_attribute("href")
    note.get_by_role("button", name="Close").click()
    expect(note).to_have_count(0)


def test_a_picture_in_sight_needs_no_note(artist):  # noqa: F811
    page = artist()
    send(page, "a red apple", steps=4, upscale=1)
    drawn(page)

    expect(page.locator(".toast")).to_have_count(0)


def test_a_hidden_tab_rings_notifies_and_counts(artist):  # noqa: F811
    page = artist()
    page.context.grant_permissions(["notifications"])
    page.evaluate("""() => {
      window.told = [];
      window.Notification = class { constructor(words, more) { told.push([words, more.body]); } };
      Notification.permission = 'granted';
      Notification.requestPermission = async () => 'granted';
      const real = window.AudioContext;
      window.AudioContext = class extends real { constructor() { super(); told.push('sound'); } };
    }""")
    page.get_by_label("When a job ends", exact=True).click()
    page.get_by_label("Play a sound").check()
    page.get_by_label("Show a notification").check()
    page.keyboard.press("Escape")
    page.evaluate("told.length = 0")
    send(page, "a red apple", steps=20)
    page.evaluate(HIDE, True)

    page.wait_for_function("() => told.length === 2", timeout=LONG)
    assert sorted(map(str, page.evaluate("told"))) == ["['Your picture is ready', 'a red apple']", "sound"]
    assert page.title().startswith("(1) ")
    page.evaluate(HIDE, False)
    assert not page.title().startswith("(")


def test_notifications_that_the_browser_blocks_are_explained(artist):  # noqa: F811
    page = artist()
    page.evaluate("() => { Notification.requestPermission = async () => 'denied'; }")
    page.get_by_label("When a job ends", exact=True).click()

    page.get_by_label("Show a notification").click()

    expect(page.get_by_text("Your browser blocks notifications")).to_be_visible()
    expect(page.get_by_label("Show a notification")).not_to_be_checked()


def test_the_keys_are_shown_by_a_question_mark_outside_of_text(artist):  # noqa: F811
    page = artist()
    dialog = page.get_by_role("dialog", name="Keys")
    page.get_by_label("Prompt", exact=True).press("?")
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("?")
    page.get_by_role("tab", name="Results").press("?")
    expect(dialog).to_contain_text("Weigh the marked words")

    page.keyboard.press("Escape")
    page.keyboard.press("/")

    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()


def test_single_keys_can_be_switched_off(artist):  # noqa: F811
    page = artist()
    page.get_by_role("button", name="Keys (?)").click()
    page.get_by_label("The single keys").uncheck()
    page.keyboard.press("Escape")

    page.reload()
    page.get_by_role("tab", name="Results").press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


FORGET_SPEEDS = """
from django.core.cache import cache
from models_hub.models import ModelVersion
cache.delete_many([f"generation:speeds:{pk}" for pk in ModelVersion.objects.values_list("pk", flat=True)])
"""


def test_the_time_that_it_takes_is_said_before_and_grows_with_the_work(artist, site):  # noqa: F811
    page = artist()
    send(page, "a red apple", steps=20)
    drawn(page)
    # Measured anew, as it is every minute.
    site.shell(FORGET_SPEEDS)
    page.reload()
    estimate = page.locator("[data-part=estimate]")
    expect(estimate).to_contain_text("second", timeout=LONG)
    one = estimate.inner_text()

    page.get_by_label("Number of pictures").select_option("8")

    expect(estimate).not_to_have_text(one)


def saved_presets(page, *names):
    for name in names:
        page.locator("own-presets summary").first.click()
        page.get_by_label("Name of the new preset").fill(name)
        page.locator("#presets-menu").get_by_role("button", name="Save").click()
        expect(page.locator("#presets-menu [role=status]")).to_contain_text(name)
        page.keyboard.press("Escape")


def order(page):
    return [row.get_attribute("data-name") for row in page.locator("[data-preset][data-name]").all()]


def test_presets_are_put_in_order_by_drag_by_buttons_and_by_keys(artist):  # noqa: F811
    page = artist()
    saved_presets(page, "Morning", "Noon", "Evening")
    page.goto("/presets/")
    rows = page.locator("[data-preset]")
    grip, goal = rows.last.locator("[data-grip]").bounding_box(), rows.first.bounding_box()
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    page.mouse.move(goal["x"] + 8, goal["y"] + 4, steps=6)
    page.mouse.up()
    expect(rows.first).to_have_attribute("data-name", "Evening")
    expect(page.locator("#say")).to_contain_text("“Evening” is at place 1 now.")

    page.get_by_role("button", name="Move “Evening” down").press("Enter")
    expect(rows.nth(1)).to_have_attribute("data-name", "Evening")
    expect(page.get_by_role("button", name="Move “Evening” down")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(rows.nth(2)).to_have_attribute("data-name", "Evening")
    page.reload()

    assert order(page) == ["Morning", "Noon", "Evening"]


def test_the_menu_of_a_tile_is_walked_by_keys_and_gives_the_focus_back(artist):  # noqa: F811
    page = artist()
    send(page, "a red apple", steps=4, upscale=1)
    drawn(page)
    items = page.get_by_role("menuitem")
    page.locator("[data-tile-menu]").press("Enter")

    page.keyboard.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")

    expect(page.locator("#tile-menu")).to_be_hidden()
    expect(page.locator("[data-tile-menu]")).to_be_focused()


def test_selected_pictures_are_published_together(artist):  # noqa: F811
    page = artist()
    send(page, "a red apple", steps=4, count=2, upscale=1)
    drawn(page, 2)
    page.get_by_label("Select this picture").first.check()
    page.get_by_role("button", name="Select all").click()

    page.get_by_role("region", name="Selected pictures").get_by_role("button", name="Publish").click()

    expect(page.get_by_role("button", name="Unpublish")).to_have_count(2)
    page.goto("/gallery/")
    expect(page.get_by_role("main").locator("a[href*='/pictures/']").first).to_be_visible()


def test_a_running_enlargement_shows_what_it_enlarges(artist):  # noqa: F811
    page = artist()
    send(page, "a red apple", steps=4)
    drawn(page)
    picture = page.locator("a[data-light]").first.get_attribute("data-light")
    send(page, "a kite", steps=60, count=8)

    page.goto(f"/generate/?source={picture}&kind=upscale")
    page.get_by_role("main").get_by_role("button", name="Generate").click()

    shown = page.locator("job-card .slot__source").first
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
