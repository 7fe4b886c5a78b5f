"""The output check: two real detectors, and what shows nothing."""

import numpy as np
import pytest
from PIL import Image

from generation.engine import output_check
from generation.engine.detectors import mobilenet

from .conftest import STARTER

SAMPLES = sorted(STARTER.rglob("*.webp"))
NOISE = np.random.default_rng(1).integers(0, 256, (128, 128, 3), np.uint8)
FILLS = {"black": (0, 0, 0), "white": (255, 255, 255), "blue": (30, 60, 200)}


def plain(colour):
    return Image.new("RGB", (128, 128), FILLS[colour])


@pytest.mark.parametrize("path", SAMPLES[:12], ids=lambda path: path.stem)
def test_what_the_starter_draws_is_clean(path, weights_dir):
    found = output_check.check(Image.open(path), weights_dir)

    assert (found.decision, found.defect) == ("clean", "")
    assert set(found.scores) == {"nsfwjs", "opennsfw"}
    assert max(found.scores.values()) < 0.5


def test_the_classifier_knows_a_drawing_when_it_sees_one():
    scores = mobilenet.scores(Image.open(SAMPLES[0]))

    assert sum(scores.values()) == pytest.approx(1, abs=1e-4)
    assert max(scores, key=scores.get) in {"drawing", "neutral"}


# With the alarm set at what the picture itself scores, the real detectors go off one after the other.
@pytest.mark.parametrize(("alarms", "decision"), [(0, "clean"), (1, "review"), (2, "blocked")])
def test_two_alarms_block_and_one_calls_a_moderator(alarms, decision, weights_dir, monkeypatch):
    picture = Image.open(SAMPLES[0])
    low, high = sorted(output_check.scores(picture, weights_dir).values())
    assert low < high
    monkeypatch.setattr(output_check, "ALARM", [high, (low + high) / 2, low / 2][alarms])

    assert output_check.check(picture, weights_dir).decision == decision


def test_a_missing_detector_is_left_out_and_told(tmp_path, caplog):
    found = output_check.check(Image.open(SAMPLES[0]), tmp_path)

    assert list(found.scores) == ["nsfwjs"]
    assert "fetch_models opennsfw" in caplog.text


@pytest.mark.parametrize(
    ("picture", "defect"),
    [
        (plain("black"), "blank"),
        (plain("white"), "blank"),
        (plain("blue"), "one_colour"),
        (Image.fromarray(NOISE), "noise"),
        (Image.fromarray(NOISE).resize((512, 512)), "noise"),
    ],
)
def test_what_shows_nothing_is_told_apart(picture, defect):
    assert output_check.defect(picture) == defect


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_no_sample_is_taken_for_a_defect(path):
    assert output_check.defect(Image.open(path)) == ""
