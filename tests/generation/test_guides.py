"""The guide that a ControlNet would read: asked for in the web, drawn by the small-jobs worker, kept by content."""

import io

import django_rq
import pytest
from PIL import Image

from generation.asking import guides
from generation.rendering import guides as drawing
from tests.factories import UserFactory
from tests.generation.drawn import png, source_of
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return source_of(UserFactory(), role="guide")


def tickets():
    return [job.args for job in django_rq.get_queue("small").jobs if job.func_name.endswith("guides.draw")]


def half_white():
    """A picture with one edge, down its middle."""
    image = Image.new("RGB", (64, 64), "black")
    image.paste("white", (32, 0, 64, 64))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_asking_puts_ids_on_the_queue_and_draws_nothing(source):
    assert guides.ask(source=source, preprocessor="edges")["state"] == "drawing"
    guides.ask(source=source, preprocessor="edges")

    assert tickets() == [[str(source.pk), "edges"]]
    assert guides.image(source, "edges") is None


def test_the_worker_draws_the_edges(source):
    source.path.write_bytes(half_white())

    drawing.draw(str(source.pk), "edges")

    assert guides.look(source, "edges") == {"state": "done", "message": ""}
    with Image.open(io.BytesIO(guides.image(source, "edges"))) as image:
        drawn = image.convert("L")
        assert (image.format, image.size) == ("WEBP", (64, 64))
        assert max(drawn.getpixel((x, 32)) for x in range(28, 37)) > 200
        assert drawn.getpixel((8, 32)) < 30


def test_what_is_drawn_is_not_asked_for_again(source):
    drawing.draw(str(source.pk), "edges")

    assert guides.ask(source=source, preprocessor="edges")["state"] == "done"
    assert not tickets()


def test_the_same_content_of_another_user_is_drawn_once(source):
    drawing.draw(str(source.pk), "edges")

    assert guides.look(source_of(UserFactory(), role="guide"), "edges")["state"] == "done"


def test_what_cannot_be_drawn_says_why_and_may_be_tried_again(source, settings, tmp_path):
    settings.WEIGHTS_DIR = tmp_path / "no weights"

    drawing.draw(str(source.pk), "soft_edges")

    found = guides.look(source, "soft_edges")
    assert found["state"] == "failed"
    assert "missing" in found["message"]
    assert guides.ask(source=source, preprocessor="soft_edges")["state"] == "drawing"
    assert tickets()


def test_a_picture_whose_file_is_gone_fails_in_a_sentence(source):
    source.path.unlink()

    drawing.draw(str(source.pk), "edges")

    assert "gone" in guides.look(source, "edges")["message"]


def test_an_unexpected_failure_is_told_and_raised_for_the_operator(source, monkeypatch):
    monkeypatch.setattr(drawing, "drawn", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        drawing.draw(str(source.pk), "edges")
    assert guides.look(source, "edges")["state"] == "failed"


def test_a_source_that_was_removed_meanwhile_is_left_alone(source):
    key = str(source.pk)
    source.delete()

    drawing.draw(key, "edges")

    assert guides.image(source, "edges") is None


@pytest.mark.parametrize("name", ["none", "depth", "", "../edges"])
def test_only_a_preprocessor_that_changes_something_is_drawn(source, name):
    with pytest.raises(DomainError) as refused:
        guides.ask(source=source, preprocessor=name)

    assert refused.value.field == "preprocessor"


def test_large_pictures_are_drawn_small(source):
    source.path.write_bytes(png((1600, 800)))

    drawing.draw(str(source.pk), "edges")

    with Image.open(io.BytesIO(guides.image(source, "edges"))) as image:
        assert image.size == (1024, 512)
