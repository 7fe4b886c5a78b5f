"""What the form starts from, in a real browser: parts of pictures, guides, models, files without script."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.e2e.test_painting import gradient

pytestmark = pytest.mark.e2e

LONG = 90_000  # ms: other tests may keep the machine busy
# A ControlNet as the form knows it; nothing is drawn with it here.
CONTROLNET = """
from models_hub.models import ModelCard, ModelVersion
card = ModelCard.objects.get(slug="starter-line")
version = card.versions.first()
if not ModelCard.objects.filter(slug="edge-guide").exists():
    card.pk, card.slug, card.name, card.kind = None, "edge-guide", "Edge guide", "controlnet"
    card.save()
    version.pk, version.card, version.sha256 = None, card, "e" * 64
    version.save()
"""


@pytest.fixture
def form(visitor, register):
    """The generate page of a new user."""

    def open_form(address="/generate/", **options):
        page = visitor(**options)
        register(page)
        page.goto(address)
        return page

    return open_form


def upload(page, role="source", side=400):
    file = {"name": "gradient.png", "mimeType": "image/png", "buffer": gradient(side)}
    page.locator(f'source-field[data-role="{role}"] input[type="file"]').set_input_files(file)
    expect(page.locator(f'source-field[data-role="{role}"] [data-part="size"]')).to_have_text(f"{side} × {side}")


def crop_dialog(page):
    page.locator('source-field[data-role="source"] [data-open-crop]').click()
    return page.get_by_role("dialog", name="Crop the picture")


def kept(page):
    """The size and the left upper pixel of the source that the form holds."""
    address = page.locator('[name="source"]').get_attribute("data-url")
    image = Image.open(io.BytesIO(page.request.get(address).body()))
    return image.size, image.getpixel((0, 0))


def test_a_part_is_chosen_by_keys_and_the_whole_comes_back(form):
    page = form("/generate/?kind=img2img")
    upload(page)
    dialog = crop_dialog(page)

    dialog.get_by_text("Portrait").click()
    dialog.get_by_label("The part to keep").press("Shift+ArrowRight")
    expect(dialog).to_contain_text("300 × 400 pixels of 400 × 400")
    dialog.get_by_role("button", name="Use it").click()

    expect(dialog).to_be_hidden()
    size, pixel = kept(page)
    # 50 pixels from the left, where the middle part began, and ten more.
    assert (size, pixel[0]) == ((300, 400), pytest.approx(40 + 60 * 180 / 399, abs=2))
    crop_dialog(page).get_by_text("Whole picture").click()
    dialog.get_by_role("button", name="Use it").click()
    expect(page.locator('source-field[data-role="source"] [data-part="size"]')).to_have_text("400 × 400")


def test_a_part_is_dragged_with_the_mouse(form):
    page = form("/generate/?kind=img2img")
    upload(page)
    dialog = crop_dialog(page)
    dialog.get_by_text("Free", exact=True).click()
    corner = dialog.locator('[data-corner="4"]').bounding_box()
    stage = dialog.locator("[data-part=stage]").bounding_box()

    page.mouse.move(corner["x"] + 7, corner["y"] + 7)
    page.mouse.down()
    page.mouse.move(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 4, steps=6)
    page.mouse.up()
    dialog.get_by_role("button", name="Use it").click()

    expect(dialog).to_be_hidden()
    (width, height), _pixel = kept(page)
    assert (width, height) == (pytest.approx(200, abs=3), pytest.approx(100, abs=3))


def test_a_finger_moves_the_part_and_the_page_stays(form):
    page = form("/generate/?kind=img2img", viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    upload(page)
    dialog = crop_dialog(page)
    dialog.get_by_text("Portrait").click()
    box, touch = dialog.get_by_label("The part to keep").bounding_box(), page.context.new_cdp_session(page)

    for step in range(8):
        point = {"x": box["x"] + box["width"] / 2 + 8 * step, "y": box["y"] + box["height"] / 2}
        kind = "touchMove" if step else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    dialog.get_by_role("button", name="Use it").click()

    expect(dialog).to_be_hidden()
    size, pixel = kept(page)
    # All the way to the right.
    assert (size, pixel[0]) == ((300, 400), pytest.approx(40 + 100 * 180 / 399, abs=3))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_guide_is_shown_before_anything_is_drawn(form, site):
    site.shell(CONTROLNET)
    page = form()
    page.locator('[data-pick="controlnet"]').click()
    page.get_by_role("button", name="Add Edge guide").click()
    preview = page.locator("guide-preview")
    page.get_by_label("Preprocessor", exact=True).select_option("edges")
    expect(preview.get_by_role("button", name="Preview of the guide")).to_be_disabled()
    upload(page, role="guide", side=256)

    preview.get_by_role("button", name="Preview of the guide").click()

    shown = preview.get_by_role("img", name="What the ControlNet reads of it")
    expect(shown).to_be_visible(timeout=LONG)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 256
    page.get_by_label("Preprocessor", exact=True).select_option("pose")
    expect(shown).to_be_hidden()


def test_a_model_is_found_by_its_name_and_chosen(form):
    page = form()
    page.get_by_role("button", name="All models").click()
    picker = page.get_by_role("dialog", name="Choose a model")

    picker.get_by_role("searchbox", name="Search").fill("flat")
    expect(picker.locator("[data-add]")).to_have_count(1)
    picker.get_by_role("button", name="Choose Starter flat").click()

    expect(picker).to_be_hidden()
    expect(page.locator('[name="model"]:checked')).to_have_value("starter-flat")


def test_a_list_that_cannot_be_fetched_says_so_and_is_tried_again(form):
    page = form()
    page.route("**/generate/resources/**", lambda route: route.abort())
    page.locator('[data-pick="lora"]').click()
    picker = page.get_by_role("dialog", name="Choose a LoRA")
    expect(picker.get_by_role("alert").filter(has_text="could not be fetched")).to_be_visible()

    page.unroute("**/generate/resources/**")
    picker.get_by_role("button", name="Try again").click()

    expect(picker.get_by_role("button", name="Add Starter line art (LoRA)")).to_be_visible()


def test_a_source_is_uploaded_without_script(visitor, register):
    page = visitor()
    register(page)
    plain = visitor(java_script_enabled=False, storage_state=page.context.storage_state())
    plain.goto("/generate/?kind=img2img")
    plain.get_by_label("Prompt", exact=True).fill("a pear")

    file = {"name": "gradient.png", "mimeType": "image/png", "buffer": gradient()}
    plain.locator('input[name="source_file"]').set_input_files(file)
    plain.get_by_role("main").get_by_role("button", name="Generate").click()

    plain.wait_for_url(re.compile("/jobs/"))
    expect(plain.get_by_role("main")).to_contain_text("Picture to picture")
