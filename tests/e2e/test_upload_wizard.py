"""Bringing a model in the browser, with a break in the middle."""

import os

import pytest

from tests.ops.running_site import wait_until
from visionary.env import ROOT

pytestmark = pytest.mark.e2e
STARTER = ROOT / "models_hub" / "starter" / "starter-line"
LORA = STARTER / "pytorch_lora_weights.safetensors"
SLOW = 4 * 2**20  # bytes a second


def slow_down(page):
    """Uploads at SLOW, so that there is a middle to break off in."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    speeds = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW}
    network.send("Network.emulateNetworkConditions", {"offline": False, **speeds})


def begin(page, register, name="Line hand"):
    page.goto("/accounts/signup/")
    register(page)
    page.goto("/models/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/edit/model/**")


def answer_the_model(page):
    page.get_by_label("Made for").select_option("starter")
    page.get_by_label("Category").select_option("style")
    words = page.locator(".chip-field__entry")
    words.fill("line")
    words.press("Enter")
    page.get_by_label("Description", exact=True).fill("A **thin** line.")
    page.get_by_label("Licence", exact=True).select_option("CC0-1.0")


def test_a_lora_goes_from_the_disk_to_the_moderators_queue(visitor, register):
    page = visitor()
    begin(page, register)
    answer_the_model(page)
    page.get_by_text("Saved at").wait_for()
    page.reload()
    assert page.get_by_role("button", name="Remove line").is_visible()

    page.get_by_role("link", name="Files").click()
    page.locator("#files").set_input_files(LORA)
    page.get_by_text("Clean", exact=True).wait_for()
    page.get_by_role("link", name="Continue").click()
    page.locator("#pictures").set_input_files(sorted((STARTER / "samples").iterdir())[:2])
    page.locator(".sample-card").nth(1).wait_for()
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("I made this").check()
    page.get_by_role("main").get_by_role("button", name="Publish").click()

    page.get_by_text("Waiting for a moderator").first.wait_for()
    page.goto("/models/mine/")
    assert page.get_by_text("Waiting for a moderator").is_visible()


def test_an_upload_goes_on_in_other_steps_and_after_the_tab_was_closed(visitor, register, tmp_path):
    big = tmp_path / "big.safetensors"
    big.write_bytes(os.urandom(24 * 2**20))
    page = visitor()
    begin(page, register)
    page.get_by_role("link", name="Files").click()
    page.wait_for_url("**/edit/files/**")
    files = page.url
    slow_down(page)
    page.locator("#files").set_input_files(big)
    page.locator(".sending progress:not([value='0'])").wait_for()

    page.get_by_role("link", name="Samples").click()
    page.wait_for_url("**/edit/samples/**")
    assert page.locator(".sending").is_visible()
    bar = page.locator(".sending progress")
    wait_until(lambda: bar.evaluate("bar => bar.value") > 40, 60)
    again = page.context.new_page()
    page.close(run_before_unload=False)
    again.goto(files)
    again.get_by_text("To continue, choose the same file again.").wait_for()
    with again.expect_request(lambda request: request.method == "PATCH") as resumed:
        again.locator("#files").set_input_files(big)
    assert int(resumed.value.headers["upload-offset"]) >= 8 * 2**20

    again.get_by_text("Refused", exact=True).wait_for()
    assert not again.locator("[data-upload]").count()


def test_pause_and_remove(visitor, register, tmp_path):
    big = tmp_path / "big.safetensors"
    big.write_bytes(os.urandom(24 * 2**20))
    page = visitor()
    begin(page, register)
    page.get_by_role("link", name="Files").click()
    slow_down(page)
    page.locator("#files").set_input_files(big)
    page.locator(".sending progress:not([value='0'])").wait_for()

    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused at").wait_for()
    page.locator(".sending").get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.locator(".sending").get_by_role("button", name="Remove").click()

    page.locator(".sending").wait_for(state="detached")
    page.reload()
    page.get_by_text("No file yet.").wait_for()
