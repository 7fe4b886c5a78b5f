"""Parts that checkpoints have in common are one module in memory."""

import gc

import pytest

from generation.engine.hardware import Hardware
from generation.engine.integrity import Verifier
from generation.engine.loading import Loader
from generation.engine.sharing import Shelf, total
from generation.engine.sidecars import Sidecars

from . import tiny

CPU = Hardware("cpu", "float32", threads=1, free=2**33)


class Part:
    pass


def test_equal_parts_are_made_once():
    shelf, made = Shelf(), Part()

    assert shelf.take("vae", lambda: made) is made
    assert shelf.take("vae", Part) is made
    assert shelf.take("other", Part) is not made


def test_a_part_nobody_holds_is_gone():
    shelf = Shelf()
    shelf.take("vae", Part)
    gc.collect()

    assert shelf.get("vae") is None
    assert len(shelf) == 0


def test_bytes_in_common_are_counted_once():
    assert total([{"unet": 5, "vae": 1}, {"other": 5, "vae": 1}]) == 11


@pytest.fixture(scope="module")
def relatives(configs, tmp_path_factory):
    """Two single files with different UNets and the same VAE and text encoder."""
    root, refs = tmp_path_factory.mktemp("relatives"), []
    for number in (1, 2):
        path = root / f"{number}.safetensors"
        tiny.write_single(configs, "sd1", path, seed=1, unet_seed=number)
        refs.append(tiny.single_ref(path, "sd1", key=f"relative-{number}"))
    return refs


def test_checkpoints_with_the_same_vae_and_text_encoder_share_them(relatives, configs, tmp_path):
    loader = Loader(CPU, 2**33, Verifier(), Sidecars(tmp_path, least_parameters=0), configs)

    (one, sizes), (other, other_sizes) = (loader.load(ref) for ref in relatives)

    assert one.pipeline.vae is other.pipeline.vae
    assert one.pipeline.text_encoder is other.pipeline.text_encoder
    assert one.pipeline.unet is not other.pipeline.unet
    unet = max(sizes.values())
    assert total([sizes, other_sizes]) == total([sizes]) + unet
    assert loader.size_of(relatives[1]) == other_sizes


def test_equal_parts_take_the_disk_once(relatives, configs, tmp_path):
    sidecars = Sidecars(tmp_path, least_parameters=0)
    one = sidecars.write(relatives[0], "float32", configs)
    before = sidecars.bytes()

    other = sidecars.write(relatives[1], "float32", configs)

    assert one.file("vae").stat().st_ino == other.file("vae").stat().st_ino
    assert sidecars.bytes() - before < other.part_bytes["unet"] * 1.1
    sidecars.forget(relatives[0].key)
    assert sidecars.find(relatives[1], "float32")


def test_registered_folders_share_what_has_the_same_hashes(tiny_folders, vary, tiny_refs):
    refs = [vary(ref, files=tiny.hashes(folder)) for ref, folder in zip(tiny_refs, tiny_folders, strict=True)]
    twin = vary(refs[0], key="twin")
    loader = Loader(CPU, 2**33, Verifier())

    (one, sizes), (same, same_sizes), (other, other_sizes) = (loader.load(ref) for ref in (refs[0], twin, refs[1]))

    assert one.pipeline.unet is same.pipeline.unet
    assert one.pipeline.unet is not other.pipeline.unet
    assert sizes == same_sizes
    assert not set(sizes) & set(other_sizes)


def test_what_loras_put_on_a_shared_part_does_not_reach_the_others(engine, apple, vary, starter, line_lora):
    twin = vary(starter, key="twin", files=tiny.hashes(starter.path))
    starter = vary(starter, key="one", files=twin.files)
    apple = vary(apple, checkpoint=twin, steps=2)
    before = engine.render(apple).images[0].tobytes()

    engine.render(vary(apple, checkpoint=starter, loras=(line_lora,)))

    assert engine.render(apple).images[0].tobytes() == before
    for ref in (starter, twin):
        engine.cache.evict(ref.key)
