"""Checkpoints converted once: equal to the original to the last pixel, made anew when lost, bounded on disk."""

import hashlib
import json
import os
import time

import numpy
import pytest

from generation.engine import sidecars as module
from generation.engine.errors import BadChecksum, MissingWeights, UnsupportedCheckpoint
from generation.engine.runner import Engine
from generation.engine.sidecars import MANIFEST, Sidecars, write

from . import tiny

FAMILIES = ("sd1", "sd2", "sd2-v", "sdxl")


@pytest.fixture
def sidecars(tmp_path):
    return Sidecars(tmp_path / "sidecars", least_parameters=0)


@pytest.fixture
def made(sidecars, singles, configs):
    """The sidecar of the tiny SD 1."""
    return sidecars.write(singles["sd1"], "float32", configs)


@pytest.fixture
def engine_with(sidecars, configs, tmp_path):
    def make(dtype="float32", **settings):
        return Engine(
            weights_dir=tmp_path, threads=1, device="cpu", dtype=dtype, sidecars=sidecars, configs=configs, **settings
        )

    return make


def pixels(engine, spec):
    return numpy.asarray(engine.render(spec).images[0]).astype(int)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_sidecar_draws_the_picture_of_the_original(
    engine_with, singles, small, vary, configs, tmp_path, family, dtype
):
    spec = vary(small, checkpoint=singles[family])
    plain = Engine(weights_dir=tmp_path, threads=1, device="cpu", dtype=dtype, configs=configs)
    first, later = engine_with(dtype), engine_with(dtype)

    expected = pixels(plain, spec)

    assert abs(expected - pixels(first, spec)).max() == 0
    assert abs(expected - pixels(later, spec)).max() == 0  # the preview's map comes from the sidecar, too
    assert later.render(spec).facts["dtype"] == dtype


@pytest.mark.engine
def test_a_sidecar_of_the_starter_draws_its_picture(engine, engine_with, apple):
    assert abs(pixels(engine, apple) - pixels(engine_with(), apple)).max() == 0


def test_a_folder_in_half_precision_becomes_a_sidecar(engine_with, configs, small, vary, tmp_path):
    folder = tiny.write_folder(configs, tmp_path / "halves", variant="fp16")
    spec = vary(small, checkpoint=vary(small.checkpoint, key="halves", path=str(folder)))
    plain = Engine(weights_dir=tmp_path, threads=1, device="cpu", dtype="bfloat16", configs=configs)

    assert abs(pixels(plain, spec) - pixels(engine_with("bfloat16"), spec)).max() == 0


def test_a_file_of_mixed_precision_is_rounded_once(sidecars, configs, tmp_path):
    import torch
    from safetensors.torch import load_file

    path = tmp_path / "mixed.safetensors"
    parts = tiny.write_single(configs, "sd1", path, keep="first_stage_model.")

    sidecar = sidecars.write(tiny.single_ref(path, "sd1"), "bfloat16", configs)

    for name, weight in load_file(sidecar.file("vae")).items():
        torch.testing.assert_close(weight, parts["vae"].state_dict()[name].bfloat16(), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_every_weight_is_a_page_of_the_file(made, sidecars, singles, configs, dtype):
    from generation.engine.loading import from_sidecar, modules
    from generation.engine.sharing import Shelf

    sidecar = sidecars.write(singles["sd1"], dtype, configs)
    pipeline = from_sidecar(singles["sd1"], sidecar, Shelf())

    with open("/proc/self/maps") as maps:
        mapped = [line.split()[0].split("-") for line in maps if str(sidecar.path) in line]
    ranges = [(int(start, 16), int(end, 16)) for start, end in mapped]
    weights = [weight for part in modules(pipeline) for weight in part.parameters()]
    assert all(any(start <= weight.data_ptr() < end for start, end in ranges) for weight in weights)
    assert all(str(weight.dtype) == f"torch.{dtype}" for weight in weights)


def test_a_second_load_reads_no_original(engine_with, sidecars, singles, small, vary, monkeypatch):
    from generation.engine import originals

    spec = vary(small, checkpoint=singles["sd1"])
    engine_with().render(spec)
    monkeypatch.setattr(originals, "read", lambda *args: pytest.fail("the original was converted again"))

    assert engine_with().render(spec).images


def damage(path, place=-1):
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder"])
def test_a_damaged_part_is_made_anew(made, sidecars, singles, engine_with, small, vary, part):
    spec = vary(small, checkpoint=singles["sd1"])
    expected = pixels(engine_with(), spec)
    damage(made.file(part))

    assert abs(expected - pixels(engine_with(), spec)).max() == 0
    assert sidecars.find(singles["sd1"], "float32")


def test_damage_that_leaves_no_trace_is_found_in_time(made, sidecars, singles, monkeypatch):
    file = made.file("unet")
    before = file.stat()
    damage(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    monkeypatch.setattr(time, "time", lambda: before.st_mtime + (module.CHECK_DAYS + 1) * 86400)

    assert sidecars.find(singles["sd1"], "float32") is None


def test_a_touched_part_with_the_right_bytes_is_kept(made, sidecars, singles):
    os.utime(made.file("unet"), (1, 1))

    found = sidecars.find(singles["sd1"], "float32")

    assert found.content["parts"]["unet"]["seen"] == module._seen(made.file("unet"))


@pytest.mark.parametrize("bad", ["", "{", "[]", '{"content": {}, "sha256": ""}'])
def test_a_damaged_manifest_is_made_anew(made, sidecars, singles, configs, bad):
    (made.path / MANIFEST).write_text(bad)

    assert sidecars.find(singles["sd1"], "float32") is None
    assert sidecars.write(singles["sd1"], "float32", configs).content == made.content | {"parts": unchecked(made)}


def unchecked(sidecar):
    """Its parts as another sidecar of the same checkpoint has them: all but when and where they were written."""

    class Any(list):
        def __eq__(self, other):
            return True

    return {name: part | {"seen": Any(), "checked": Any()} for name, part in sidecar.content["parts"].items()}


def test_a_changed_number_in_the_manifest_is_noticed(made, sidecars, singles):
    whole = json.loads((made.path / MANIFEST).read_text())
    whole["content"]["scheduler"]["beta_end"] = 0.5
    (made.path / MANIFEST).write_text(json.dumps(whole))

    assert sidecars.find(singles["sd1"], "float32") is None


def test_other_libraries_make_their_own(made, sidecars, singles, monkeypatch):
    monkeypatch.setattr(module, "_made_by", lambda: ["newer"])

    assert sidecars.find(singles["sd1"], "float32") is None


def test_a_missing_part_is_noticed(made, sidecars, singles):
    made.file("vae").unlink()

    assert sidecars.find(singles["sd1"], "float32") is None


def registered(ref, vary):
    path = tiny.Path(ref.path)
    return vary(ref, files=((path.name, hashlib.sha256(path.read_bytes()).hexdigest()),))


@pytest.fixture
def own(singles, vary, tmp_path):
    """A registered single file that a test may spoil."""
    path = tmp_path / "own.safetensors"
    path.write_bytes(tiny.Path(singles["sd1"].path).read_bytes())
    return registered(vary(singles["sd1"], key="own", path=str(path)), vary)


def test_a_sidecar_does_not_outlive_its_original(engine_with, own, small, vary):
    spec = vary(small, checkpoint=own)
    engine_with().render(spec)
    os.unlink(own.path)

    with pytest.raises(MissingWeights, match=r"own\.safetensors"):
        engine_with().render(spec)


def test_an_original_with_other_bytes_is_refused_beside_its_sidecar(engine_with, own, small, vary):
    spec = vary(small, checkpoint=own)
    engine_with().render(spec)
    damage(tiny.Path(own.path))

    with pytest.raises(BadChecksum):
        engine_with().render(spec)


def test_an_original_restored_from_a_backup_keeps_its_sidecar(engine_with, sidecars, own, small, vary):
    spec = vary(small, checkpoint=own)
    engine_with().render(spec)
    before = sidecars.find(own, "float32").file("unet").stat().st_ino
    os.utime(own.path, (1, 1))

    engine_with().render(spec)

    assert sidecars.find(own, "float32").file("unet").stat().st_ino == before


def test_an_unregistered_file_that_changed_is_converted_again(engine_with, own, small, vary):
    spec = vary(small, checkpoint=vary(own, files=()))
    before = pixels(engine_with(), spec)
    tiny.write_single(engine_with()._loader._configs, "sd1", own.path, seed=5)

    assert abs(before - pixels(engine_with(), spec)).max() > 0


def test_the_least_recently_used_leaves_when_the_disk_is_full(singles, configs, tmp_path):
    wide = Sidecars(tmp_path, least_parameters=0)
    one = wide.write(singles["sd1"], "float32", configs)
    narrow = Sidecars(tmp_path, int(wide.bytes() * 2.5), least_parameters=0)
    narrow.write(singles["sd2"], "float32", configs)
    os.utime(one.path / MANIFEST, (time.time() + 9,) * 2)  # used last

    narrow.write(singles["sd2-v"], "float32", configs)

    kept = [narrow.find(singles[family], "float32") is not None for family in ("sd1", "sd2", "sd2-v")]
    assert kept == [True, False, True]
    assert narrow.bytes() <= wide.bytes() <= int(one.path.stat().st_size + 2**33)


def test_a_disk_without_room_costs_nothing_but_time(engine_with, singles, small, vary, configs, tmp_path, caplog):
    full = Sidecars(tmp_path / "full", max_bytes=1000, least_parameters=0)

    assert full.write(singles["sd1"], "float32", configs) is None
    engine = Engine(weights_dir=tmp_path, threads=1, device="cpu", sidecars=full, configs=configs)
    assert engine.render(vary(small, checkpoint=singles["sd1"])).images
    assert "no room on the disk" in caplog.text


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(singles, small, vary, configs, tmp_path):
    (tmp_path / "file").write_text("in the way")
    sidecars = Sidecars(tmp_path / "file", least_parameters=0)
    engine = Engine(weights_dir=tmp_path, threads=1, device="cpu", sidecars=sidecars, configs=configs)

    assert engine.render(vary(small, checkpoint=singles["sd1"])).images


def test_a_failed_conversion_leaves_nothing(sidecars, singles, vary, configs):
    with pytest.raises(UnsupportedCheckpoint):
        sidecars.write(vary(singles["sd1"], family="flux"), "float32", configs)

    assert not [path for path in sidecars.folder.iterdir() if path.suffix != ".lock"]


def test_what_a_killed_process_left_is_swept(sidecars, singles, configs):
    old = sidecars.folder / ".new-killed"
    old.mkdir(parents=True)
    os.utime(old, (1, 1))

    sidecars.write(singles["sd1"], "float32", configs)

    assert not old.exists()


def test_small_checkpoints_get_none(tmp_path, singles, small, vary, configs):
    engine = Engine(weights_dir=tmp_path, threads=1, device="cpu", sidecars=Sidecars(tmp_path / "s"), configs=configs)

    engine.render(vary(small, checkpoint=singles["sd1"]))

    assert not (tmp_path / "s").exists()


def test_a_sidecar_is_written_ahead_of_any_worker_once(singles, configs, tmp_path):
    one = write(singles["sd1"], tmp_path, "float32", configs)
    again = write(singles["sd1"], tmp_path, "float32", configs)

    assert one.content["parts"] == again.content["parts"]


def test_files_are_verified_before_they_are_converted(own, configs, tmp_path):
    damage(tiny.Path(own.path))

    with pytest.raises(BadChecksum):
        write(own, tmp_path, "float32", configs)


def test_the_next_checkpoint_is_read_ahead(engine_with, made, singles, small, vary, monkeypatch):
    advised = []
    monkeypatch.setattr(os, "posix_fadvise", lambda *args: advised.append(args))
    engine = engine_with()

    assert engine.read_ahead(singles["sd1"])
    deadline = time.monotonic() + 20
    while len(advised) < len(made.files) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert len(advised) == len(made.files)
    assert {args[3] for args in advised} == {os.POSIX_FADV_WILLNEED}
    engine.render(vary(small, checkpoint=singles["sd1"]))
    assert not engine.read_ahead(singles["sd1"])  # resident


def test_nothing_is_read_ahead_when_memory_is_short(engine_with, made, singles, monkeypatch):
    from generation.engine import hardware

    monkeypatch.setattr(hardware, "free_memory", lambda: 1000)

    assert not engine_with().read_ahead(singles["sd1"])


def test_what_cannot_be_loaded_is_not_read_ahead(engine_with, singles, vary):
    gone = vary(singles["sd1"], key="gone", path="/nowhere/gone.safetensors")

    assert not engine_with().read_ahead(gone)
