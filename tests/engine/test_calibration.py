import json

import pytest

from generation.engine import calibration, hardware
from generation.engine.calibration import Calibration, calibrated, choose


@pytest.mark.parametrize(
    ("seconds", "way"),
    [
        ({("float32", 2): 1.0, ("bfloat16", 2): 0.5}, ("bfloat16", 2)),
        ({("float32", 2): 1.0, ("bfloat16", 2): 0.9}, ("float32", 2)),
        ({("float32", 4): 1.0, ("float32", 8): 0.95, ("bfloat16", 4): 2.0, ("bfloat16", 8): 1.9}, ("float32", 4)),
        ({("float32", 4): 1.0, ("float32", 8): 0.6, ("bfloat16", 4): 2.0, ("bfloat16", 8): 1.2}, ("float32", 8)),
    ],
)
def test_the_plainest_way_that_nothing_beats_by_a_fifth_is_chosen(seconds, way):
    assert choose(seconds) == way


def test_every_way_is_timed_and_the_choice_is_one_of_them():
    found = calibration.measure()

    assert found.threads in calibration.thread_choices()
    assert f"{found.dtype} x{found.threads}" in found.seconds
    assert all(seconds > 0 for seconds in found.seconds.values())


def test_a_machine_is_measured_once(tmp_path, monkeypatch):
    file = tmp_path / "new" / "calibration.json"
    first = calibrated(file)
    monkeypatch.setattr(calibration, "measure", lambda: pytest.fail("measured again"))

    assert calibrated(file) == first
    assert [path.name for path in file.parent.iterdir()] == ["calibration.json"]


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", json.dumps({"machine": ["another"], "dtype": "float16", "threads": 9})]
)
def test_what_is_of_another_machine_or_unreadable_is_measured_anew(tmp_path, monkeypatch, kept):
    file, new = tmp_path / "calibration.json", Calibration("float32", 1, {})
    file.write_text(kept)
    monkeypatch.setattr(calibration, "measure", lambda: new)

    assert calibrated(file) == new
    assert json.loads(file.read_text())["dtype"] == "float32"


def test_a_folder_that_cannot_be_written_does_not_stop_the_worker(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(calibration, "measure", lambda: Calibration("float32", 1, {}))

    assert calibrated(tmp_path / "file" / "calibration.json").threads == 1


def test_the_measurement_overrules_the_flags_and_the_operator_overrules_both(monkeypatch):
    monkeypatch.setattr(hardware, "cpu_features", lambda: frozenset({"avx512_bf16"}))
    slow = Calibration("float32", 3, {})

    assert hardware.detect("cpu").dtype == "bfloat16"
    assert hardware.detect("cpu", calibrated=lambda: slow).dtype == "float32"
    assert hardware.detect("cpu", calibrated=lambda: slow).threads == 3
    asked = hardware.detect("cpu", threads=1, dtype="bfloat16", calibrated=lambda: slow)
    assert (asked.dtype, asked.threads, asked.small_dtype) == ("bfloat16", 1, "")
