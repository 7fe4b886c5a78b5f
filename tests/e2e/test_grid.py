"""An X/Y grid: asked for in the form, filling while one looks, saved as one picture."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e

LONG = 120_000  # ms


@pytest.fixture
def sheet(visitor, register):
    """The page of a grid of four cells that has just been asked for."""

    def ask(**options):
        page = visitor(**options)
        register(page)
        page.goto(
            "/generate/?x_axis=steps&x_values=2,%204&y_axis=seed&y_values=1,%202&prompt=a%20red%20apple&upscale=1"
        )
        page.get_by_role("main").get_by_role("button", name="Generate").click()
        page.wait_for_url("**/grids/**")
        return page

    return ask


def test_the_cells_fill_while_one_looks(sheet):
    page = sheet()

    expect(page.locator(".cell .result img")).to_have_count(4, timeout=LONG)
    expect(page.locator("[data-part=done]")).to_have_text("4 of 4 cells done")
    assert [cell.inner_text() for cell in page.locator("thead th:not(.sheet__corner)").all()] == ["2", "4"]
    assert [cell.inner_text() for cell in page.locator("tbody th").all()] == ["1", "2"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as one PNG").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_phone_scrolls_the_sheet_and_not_the_page(sheet):
    page = sheet(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)

    expect(page.locator(".cell .result img")).to_have_count(4, timeout=LONG)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_grid_is_found_again_and_nobody_else_sees_it(sheet, visitor, register):
    page = sheet()
    address = page.url
    stranger = visitor()
    register(stranger)

    page.goto("/grids/")

    expect(page.get_by_role("main").get_by_role("link", name="a red apple")).to_be_visible()
    assert stranger.request.get(address).status == 404
    assert stranger.request.get(f"{address}sheet.png").status == 404
