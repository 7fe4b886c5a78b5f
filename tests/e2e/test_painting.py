"""The mask painter in a real browser: mouse, touch and keys; and a painted part that alone is drawn anew."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

LONG = 90_000  # ms: other tests may keep the machine busy
PAINTED = re.compile(r"(\d+) % of the picture is painted")


def gradient(side=256):
    """A PNG that differs everywhere."""
    across = np.linspace(40, 220, side, dtype=np.uint8)
    pixels = np.stack(np.broadcast_arrays(across[None, :], across[:, None], np.uint8(128)), axis=-1)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def painter(visitor, register):
    """Open the painter over an uploaded picture: painter(**context options) -> page."""

    def open_painter(**options):
        page = visitor(**options)
        register(page)
        page.goto("/generate/?kind=inpaint")
        file = {"name": "gradient.png", "mimeType": "image/png", "buffer": gradient()}
        page.locator('source-field[data-role="source"] input[type="file"]').set_input_files(file)
        view_of(page).wait_for()
        view_of(page).evaluate("view => view.scrollIntoView({block: 'center'})")
        return page

    return open_painter


def view_of(page):
    return page.get_by_label("The picture to paint on")


def status(page):
    return page.locator("mask-painter").get_by_role("status")


def share(page):
    """Percent of the picture that is painted."""
    expect(status(page)).to_contain_text(PAINTED)
    return int(PAINTED.search(status(page).inner_text())[1])


def drag(page, start, end):
    """A stroke between two places, as shares of the view."""
    box = view_of(page).bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=12)
    page.mouse.up()


def test_a_stroke_of_the_mouse_is_undone_done_again_and_inverted(painter):
    page = painter()

    drag(page, (0.2, 0.5), (0.8, 0.5))
    painted = share(page)
    page.keyboard.press("Control+z")
    expect(status(page)).to_contain_text("Nothing is painted yet")
    page.keyboard.press("Control+Shift+z")
    assert share(page) == painted
    page.keyboard.press("i")

    assert 3 <= painted <= 15
    expect(status(page)).to_contain_text("Inverted")
    assert 98 <= share(page) + painted <= 102


def test_the_eraser_takes_paint_away(painter):
    page = painter()
    drag(page, (0.2, 0.5), (0.8, 0.5))
    painted = share(page)

    page.get_by_role("button", name="Eraser (E)").click()
    drag(page, (0.5, 0.5), (0.95, 0.5))

    assert 0 < share(page) < painted


def test_a_finger_paints_and_the_page_stays_where_it_is(painter):
    page = painter(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    box, scrolled = view_of(page).bounding_box(), page.evaluate("scrollY")
    touch = page.context.new_cdp_session(page)

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    for step in range(15):
        point = {"x": box["x"] + 60 + 4 * step, "y": box["y"] + 40 + 10 * step}
        send("touchMove" if step else "touchStart", point)
    send("touchEnd")

    assert share(page) > 1
    assert page.evaluate("scrollY") == scrolled


def test_two_fingers_move_and_zoom_and_do_not_paint(painter):
    page = painter(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    box = view_of(page).bounding_box()
    touch = page.context.new_cdp_session(page)
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    for step in range(10):
        points = [{"x": middle[0] + way * (20 + 8 * step), "y": middle[1], "id": way} for way in (-1, 1)]
        points = points if step else points[:1]
        touch.send(
            "Input.dispatchTouchEvent", {"type": "touchMove" if step > 1 else "touchStart", "touchPoints": points}
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    expect(status(page)).to_contain_text("Nothing is painted yet")
    assert int(page.locator('[data-part="zoom"]').inner_text().split()[0]) > 150


def test_keys_alone_paint_and_erase(painter):
    page = painter()
    view_of(page).focus()

    page.keyboard.press("ArrowLeft")
    page.keyboard.down(" ")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.keyboard.up(" ")
    painted = share(page)
    page.keyboard.press("e")
    page.keyboard.press(" ")

    assert painted >= 2
    assert share(page) <= painted
    page.keyboard.press("Control+z")
    assert share(page) == painted


def test_a_painted_mask_survives_a_reload(painter):
    page = painter()
    drag(page, (0.2, 0.5), (0.8, 0.5))
    painted = share(page)
    expect(page.locator('[name="mask"]')).not_to_have_value("")
    page.wait_for_timeout(400)  # the form notes itself down after a moment of rest

    page.reload()

    assert share(page) == painted


def small_picture(page, prompt):
    """Draw a picture of 128 pixels; returns its address."""
    page.goto("/generate/")
    page.get_by_label("Prompt", exact=True).fill(prompt)
    page.get_by_text("More settings").click()
    page.get_by_label("Enlarge the result", exact=True).select_option("1")
    page.get_by_role("main").get_by_role("button", name="Generate").click()
    return finished(page, 1)


def finished(page, count):
    """The address of the newest file once `count` jobs are done."""
    expect(page.locator("job-card[data-state=done]")).to_have_count(count, timeout=LONG)
    return page.locator("job-card[data-state=done]").first.locator("a[href*='/pictures/']").first.get_attribute("href")


def pixels(page, address):
    body = page.request.get(f"{address.rstrip('/')}/file.png").body()
    return np.asarray(Image.open(io.BytesIO(body)).convert("RGB")).astype(float)


def test_inpainting_changes_the_painted_part_alone(visitor, register):
    page = visitor()
    register(page)
    before = pixels(page, small_picture(page, "a red apple"))
    page.get_by_text("Inpaint", exact=True).click()
    page.locator('source-field[data-role="source"] [data-choose="mine"]').click()
    page.locator("[data-picture]").first.click()
    view_of(page).wait_for()
    view_of(page).evaluate("view => view.scrollIntoView({block: 'center'})")
    drag(page, (0.5, 0.35), (0.5, 0.65))

    page.get_by_label("Prompt", exact=True).fill("a blue car")
    page.keyboard.press("Control+Enter")
    after = pixels(page, finished(page, 2))

    change = np.abs(after - before).mean(axis=-1)
    assert after.shape == before.shape
    assert change[:, :24].max() <= 2, "the left edge was not painted"
    assert change[:, 104:].max() <= 2, "nor was the right one"
    assert change[50:78, 60:68].mean() > 8
