"""A whole running site and a real browser."""

import itertools
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.ops.running_site import RunningSite

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PASSWORD = "correct-horse-77"
numbers = itertools.count(1)


def chromium():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    # Every test registers its own visitors, all from one address.
    given = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD, "SIGNUP_RATE": "1000/m/ip"}
    with RunningSite(tmp_path_factory.mktemp("e2e"), **given) as running:
        yield running.ready()


@pytest.fixture(scope="session")
def browser():
    if not chromium():
        assert os.environ.get("REQUIRE_BROWSER") != "1", "Chromium is required here."
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def visitor(browser, site):
    """Open a fresh browser profile: visitor(**context options) -> page. What the page complains of fails the test."""
    contexts, faults = [], []

    def open_page(**options):
        context = browser.new_context(base_url=site.url, locale=options.pop("locale", "en-GB"), **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def register():
    """Fill the registration form that `page` shows (or open it). Returns the new username."""

    def fill(page):
        name = f"visitor{next(numbers)}"
        if "/signup" not in page.url:
            page.goto("/accounts/signup/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("E-mail address").fill(f"{name}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Create an account").click()
        page.locator("header .avatar").first.wait_for()
        return name

    return fill


@pytest.fixture
def generate():
    """Type a prompt and generate; more settings by the labels of their fields. Returns the newest job's card."""

    def start(page, prompt, **settings):
        page.goto("/generate/")
        page.get_by_label("Prompt", exact=True).fill(prompt)
        if settings:
            more = page.get_by_text("More settings")
            # On a phone it may lie under the bar with the button, where a person scrolls first.
            more.evaluate("element => element.scrollIntoView({block: 'center'})")
            more.click()
        for label, value in settings.items():
            page.get_by_label(label, exact=True).fill(str(value))
        page.get_by_role("main").get_by_role("button", name="Generate").click()
        card = page.locator("job-card").first
        card.wait_for()
        return card

    return start
