"""The main job: register, type a sentence, watch a picture appear, find it in the gallery."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

LONG = 90_000  # ms: other tests may keep the machine busy

# Notes every percentage that the card shows, and whether a preview was seen. CSP allows no inline script; the
# browser's own debugging port is not bound by it.
WATCH = """card => {
  window.seen = {percents: [], preview: false};
  new MutationObserver(() => {
    const percent = card.querySelector('[data-part=percent]')?.textContent.trim();
    if (percent && !seen.percents.includes(percent)) seen.percents.push(percent);
    const image = card.querySelector('[data-part=preview]');
    if (image && !image.hidden && image.src.startsWith('data:image/webp')) seen.preview = true;
  }).observe(card, {subtree: true, childList: true, characterData: true, attributes: true});
}"""


def watch_until_done(page, card):
    """Follow a job to its picture. Returns what was seen on the way."""
    card.evaluate(WATCH)
    expect(page.locator("job-card[data-state=done]").first).to_be_visible(timeout=LONG)
    return page.evaluate("window.seen")


def assert_watched(seen):
    assert len(seen["percents"]) >= 3, seen
    assert seen["preview"], seen


def test_register_type_watch_publish_find_it_and_leave(visitor, register, generate):
    page = visitor()
    name = register(page)

    card = generate(page, "a red apple", Steps=40)
    seen = watch_until_done(page, card)
    page.locator("job-card").get_by_role("button", name="Publish", exact=True).click()
    page.locator("job-card").get_by_role("button", name="Unpublish").wait_for()
    page.goto("/gallery/")
    page.get_by_role("main").locator("a[href*='/pictures/']").first.click()
    expect(page.get_by_role("main").get_by_text(name).first).to_be_visible()
    expect(page.get_by_role("main").get_by_text("a red apple").first).to_be_visible()
    leave(page)

    assert_watched(seen)
    expect(page.get_by_role("banner").get_by_text("Sign in")).to_be_visible()


def leave(page):
    """Log out by the menu, as a person would."""
    page.goto("/accounts/logout/")
    page.get_by_role("main").get_by_role("button").first.click()
    page.goto("/")


def test_progress_comes_by_polling_when_sockets_are_blocked(visitor, register, generate):
    page = visitor()
    page.route_web_socket(re.compile("/ws/"), lambda socket: socket.close())
    register(page)

    card = generate(page, "a blue apple", Steps=60)
    card.evaluate(WATCH)

    expect(page.locator("job-card[data-state=done]").first).to_be_visible(timeout=LONG)
    assert page.evaluate("window.seen.percents.length") >= 2


def test_a_phone_does_the_whole_job_without_scrolling_sideways(visitor, register, generate):
    page = visitor(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    register(page)

    seen = watch_until_done(page, generate(page, "一只猫", Steps=40))

    assert_watched(seen)
    for path in ("/", "/generate/", "/gallery/", "/creations/", "/models/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_a_guests_prompt_survives_registration(visitor, register):
    page = visitor()
    page.goto("/")
    page.get_by_role("main").get_by_role("textbox").first.fill("a purple rocket")

    page.get_by_role("main").get_by_role("button", name="Generate").click()
    page.wait_for_url("**/accounts/signup/**")
    register(page)

    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a purple rocket")


def test_a_job_goes_on_while_the_page_is_reloaded(visitor, register, generate):
    page = visitor()
    register(page)
    generate(page, "a green tree", Steps=60)

    page.reload()

    expect(page.locator("job-card[data-state=done]").first).to_be_visible(timeout=LONG)


def test_cancelling_leaves_no_picture(visitor, register, generate):
    page = visitor()
    register(page)
    card = generate(page, "a house", Steps=60)

    card.get_by_role("button", name="Cancel").click()

    expect(page.locator("job-card[data-state=cancelled]").first).to_be_visible(timeout=LONG)
    page.goto("/creations/")
    expect(page.get_by_role("main").locator("a[href*='/pictures/']")).to_have_count(0)


def test_another_users_job_and_socket_are_not_found(visitor, register, generate):
    owner, stranger = visitor(), visitor()
    register(owner)
    register(stranger)
    job = generate(owner, "a star", Steps=4).get_attribute("id").removeprefix("job-")

    code = stranger.evaluate(
        """job => new Promise(resolve => {
          const socket = new WebSocket(`ws://${location.host}/ws/jobs/${job}/`);
          socket.onclose = event => resolve(event.code);
          socket.onmessage = event => resolve(event.data);
        })""",
        job,
    )

    assert code == 4404
    assert stranger.request.get(f"/jobs/{job}/").status == 404
    assert stranger.request.get(f"/jobs/{job}/state.json").status == 404


def test_a_forbidden_word_is_refused_at_its_field_and_the_form_kept(visitor, register):
    page = visitor()
    register(page)
    page.goto("/generate/")
    page.get_by_label("Prompt", exact=True).fill("a nude woman")

    page.get_by_role("main").get_by_role("button", name="Generate").click()

    expect(page.get_by_text("sexual content").first).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("a nude woman")
