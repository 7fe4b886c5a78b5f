import pytest
from django.utils import translation

from gallery import tiles
from gallery.models import Picture
from tests.factories import RecipeFactory

pytestmark = pytest.mark.django_db

TOKEN = "abc123"


@pytest.fixture
def picture():
    recipe = RecipeFactory(prompt="<b>a red apple</b>", picture__visibility="public")
    return Picture.objects.with_details().get(pk=recipe.picture_id)


def html(picture, **changes):
    return tiles.html(picture, **{"liked": False, "csrf_token": None, **changes})


def test_what_people_wrote_is_escaped(picture):
    assert "<b>" not in html(picture)
    assert "a red apple" in html(picture)


def test_a_guest_is_sent_to_sign_in_and_a_user_gets_a_form_with_their_own_token(picture):
    assert "<form" not in html(picture)
    assert f'value="{TOKEN}"' in html(picture, csrf_token=TOKEN)
    assert f'value="{TOKEN}"' not in html(picture, csrf_token="other")
    assert tiles.TOKEN_PLACE not in html(picture, csrf_token=TOKEN)


@pytest.mark.parametrize(("field", "value"), [("likes", 12), ("title", "New title"), ("preview_widths", [256, 512])])
def test_a_change_shows_at_once(picture, field, value):
    before = html(picture)
    setattr(picture, field, value)

    assert html(picture) != before


def test_each_language_has_its_own_tile(picture):
    with translation.override("zh-hans"):
        chinese = html(picture)

    assert chinese != html(picture)


def test_a_liked_picture_says_so(picture):
    assert 'aria-pressed="true"' in html(picture, liked=True, csrf_token=TOKEN)
    assert 'aria-pressed="false"' in html(picture, csrf_token=TOKEN)
