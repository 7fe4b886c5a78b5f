"""The results side of the generate page: two users, the order of the queue, tiles, selection, lightbox."""

import io
import re
import zipfile

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

LONG = 120_000  # ms: other tests may keep the machine busy
SET = "([name, value]) => { const field = document.querySelector(`[name=${name}]`); field.value = value; field.dispatchEvent(new Event('input', {bubbles: true})); field.dispatchEvent(new Event('change', {bubbles: true})); }"  # noqa: E501


def send(page, prompt, **fields):
    """Ask for a picture in the form that is open; the page stays where it is."""
    if "/generate/" not in page.url:
        page.goto("/generate/")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    for name, value in fields.items():
        page.evaluate(SET, [name, str(value)])
    page.get_by_role("main").get_by_role("button", name="Generate").click()
    page.locator("job-card", has_text=prompt).first.wait_for()


def drawn(page, number=1):
    expect(page.locator("job-card[data-state=done] [data-tile]")).to_have_count(number, timeout=LONG)


def prompts(page):
    return [row.inner_text() for row in page.locator("[data-movable] .queue__prompt").all()]


@pytest.fixture
def artist(visitor, register):
    """Opens a registered person's generate page."""

    def come(**options):
        page = visitor(**options)
        register(page)
        page.goto("/generate/")
        return page

    return come


def queue_of_four(page):
    """One long job runs, three wait; the queue tab is open."""
    send(page, "a red apple", steps=60, count=8, upscale=4)
    for prompt in ("first cat", "second cat", "third cat"):
        send(page, prompt, steps=60, count=8)
    page.get_by_role("tab", name=re.compile("Queue")).click()
    expect(page.locator("[data-movable]")).to_have_count(3, timeout=LONG)


def test_two_users_side_by_side_see_their_own_jobs_and_the_count_of_all(artist):
    one, other = artist(), artist()
    send(one, "a red apple of mine", steps=60, count=8, upscale=4)
    send(other, "a blue owl of theirs", steps=60, count=8)

    for page, own, foreign in ((one, "apple", "owl"), (other, "owl", "apple")):
        page.get_by_role("tab", name=re.compile("Queue")).click()
        expect(page.locator("#queue")).to_contain_text(own)
        expect(page.locator("#queue")).not_to_contain_text(foreign)
    expect(other.locator("[data-part=badge]")).to_have_text("1/2", timeout=LONG)
    for page in (one, other):
        page.locator("#queue").get_by_role("button", name="Cancel").first.click()


def test_own_jobs_are_put_in_order_by_drag_and_by_keys(artist):
    page = artist()
    queue_of_four(page)

    grip, first = page.locator("[data-movable] [data-grip]").last, page.locator("[data-movable]").first
    start, goal = grip.bounding_box(), first.bounding_box()
    page.mouse.move(start["x"] + 5, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(goal["x"] + 5, goal["y"] + 2, steps=5)
    page.mouse.up()
    expect(page.locator("[data-movable]").first).to_contain_text("third cat")
    page.reload()
    page.get_by_role("tab", name=re.compile("Queue")).click()
    assert prompts(page) == ["third cat", "first cat", "second cat"]

    page.get_by_role("button", name=re.compile("Later: third")).press("Enter")
    expect(page.locator("[data-movable]").first).to_contain_text("first cat")
    expect(page.get_by_role("button", name=re.compile("Later: third"))).to_be_focused()
    cancel_all(page)


def cancel_all(page):
    rows = page.locator("[data-row]")
    while number := rows.count():
        rows.last.get_by_role("button", name="Cancel").click()
        expect(rows).to_have_count(number - 1)


def test_a_held_job_waits_until_it_is_released(artist):
    page = artist()
    queue_of_four(page)

    page.locator("[data-movable]", has_text="second cat").get_by_role("button", name="Hold").click()

    held = page.locator("[data-row][data-state=held]")
    expect(held).to_contain_text("second cat")
    held.get_by_role("button", name="Release").click()
    expect(held).to_have_count(0)
    cancel_all(page)


def test_a_second_device_sees_the_job_and_its_picture(artist):
    page = artist()
    second = page.context.new_page()
    second.goto("/generate/")

    send(page, "a green leaf", steps=4)

    expect(second.locator("job-card", has_text="a green leaf")).to_be_visible(timeout=LONG)
    drawn(second)


def test_selected_pictures_come_as_a_zip_and_go_to_the_trash_and_back(artist):
    page = artist()
    send(page, "a red apple", steps=4, count=2, upscale=1)
    drawn(page, 2)
    for box in page.get_by_label("Select this picture").all():
        box.check()

    with page.expect_download() as download:
        page.get_by_role("button", name="Download ZIP").click()
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    page.get_by_role("region", name="Selected pictures").get_by_role("button", name="Delete").click()
    expect(page.locator("[data-tile]:visible")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("[data-tile]:visible")).to_have_count(2)
    assert [archive.read(name)[:4] for name in archive.namelist()] == [b"\x89PNG"] * 2


def test_the_lightbox_turns_by_keys_and_gives_the_focus_back(artist):
    page = artist()
    send(page, "a red apple", steps=4, count=2, upscale=1)
    drawn(page, 2)
    links = page.locator("a[data-light]")

    links.first.click()
    expect(page.locator("#light")).to_contain_text("1 of 2")
    expect(page.locator("#light [data-part=side]")).to_contain_text("Seed")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#light")).to_contain_text("2 of 2")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#light")).to_contain_text("1 of 2")
    page.keyboard.press("Escape")

    expect(page.locator("#light")).not_to_be_visible()
    expect(links.first).to_be_focused()
    links.first.click()
    page.go_back()
    expect(page.locator("#light")).not_to_be_visible()
    assert "/generate/" in page.url


def test_the_menu_of_a_tile_fills_the_form_and_starts_nothing(artist):
    page = artist()
    send(page, "a red apple", steps=4, upscale=1)
    drawn(page)
    page.get_by_label("Prompt", exact=True).fill("")

    page.locator("[data-tile-menu]").press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a red apple")
    expect(page.locator("job-card")).to_have_count(1)


def test_pictures_are_compared_by_slider_and_by_turns(artist):
    page = artist()
    send(page, "a red apple", steps=4, count=2, upscale=1)
    drawn(page, 2)
    for box in page.get_by_label("Select this picture").all():
        box.check()

    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".compare__table")).to_contain_text("Seed")
    page.get_by_text("Slider").click()
    page.locator("[data-part=range]").fill("20")
    over = page.locator(".compare__picture--over")
    assert over.evaluate("picture => picture.style.clipPath") == "inset(0px 0px 0px 20%)"
    page.get_by_text("Flip", exact=True).first.click()

    page.get_by_role("button", name="Flip").click()
    expect(page.locator("[data-part=shown]")).to_have_text("Picture 2")


def test_a_newcomer_needs_two_presses_from_the_first_page(visitor, register):
    page = visitor()
    register(page)
    page.goto("/")

    page.locator("[data-example]").first.click()
    page.get_by_role("main").get_by_role("button", name="Generate").click()

    expect(page.locator("job-card[data-state=done]").first).to_be_visible(timeout=LONG)
