"""Checkpoints from files: every layout draws, every bad file is told."""

import hashlib
import json
import shutil

import pytest

from generation.engine import loading
from generation.engine.errors import BadChecksum, MissingWeights, UnsupportedCheckpoint
from generation.engine.hardware import Hardware, Placement
from generation.engine.integrity import Verifier
from generation.engine.sharing import total
from models_hub.inspection import inspect

CPU = Hardware("cpu", "float32", threads=1, free=2**33)


def loader(configs=loading.CONFIGS, hardware=CPU):
    return loading.Loader(hardware, 2**33, Verifier(), configs=configs)


@pytest.mark.parametrize("family", ["sd1", "sd2", "sd2-v", "sdxl"])
def test_a_single_file_loads_with_the_weights_it_holds(singles, single_parts, configs, family):
    import torch

    foretold = total([loader().size_of(singles[family])])
    loaded, _ = loader(configs).load(singles[family])
    size = loading.weight_bytes(loaded.pipeline)

    for part, module in single_parts[family].items():
        found = getattr(loaded.pipeline, part).state_dict()
        for name, weight in module.state_dict().items():
            # Half a unit of half precision: the file holds halves.
            torch.testing.assert_close(found[name], weight.half().float(), rtol=0, atol=0, msg=f"{part} {name}")
    # A file may hold a little more than is loaded, never less.
    assert size <= foretold * 1.01 < size * 1.1


@pytest.mark.parametrize("family", ["sd1", "sd2", "sd2-v", "sdxl"])
def test_a_single_file_is_recognised_by_its_names_and_draws(engine, singles, small, vary, family):
    report = inspect(singles[family].path)

    rendered = engine.render(vary(small, checkpoint=singles[family], steps=2))

    assert (report.kind, report.layout, report.precision) == ("checkpoint", "single", "fp16")
    assert report.family == ("sd2" if family == "sd2" else family)
    assert rendered.images[0].size == (64, 64)


def test_a_folder_weighs_what_its_headers_say(tiny_refs):
    foretold = total([loader().size_of(tiny_refs[0])])

    size = loading.weight_bytes(loader().load(tiny_refs[0])[0].pipeline)

    assert foretold <= size <= foretold * 1.01


def test_changed_bytes_are_noticed_before_loading(engine, small, vary, tiny_folders, tmp_path):
    folder = shutil.copytree(tiny_folders[0], tmp_path / "changed")
    name = "unet/diffusion_pytorch_model.safetensors"
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    ref = vary(small.checkpoint, key="changed", path=str(folder), files=((name, digest),))
    engine.render(vary(small, checkpoint=ref))
    engine.cache.evict("changed")
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)

    with pytest.raises(BadChecksum, match="diffusion_pytorch_model"):
        engine.render(vary(small, checkpoint=ref))


@pytest.mark.parametrize("layout", ["diffusers", "single"])
def test_a_missing_file_is_named(engine, small, vary, layout, tmp_path):
    ref = vary(small.checkpoint, key="gone", path=str(tmp_path / "gone.safetensors"), layout=layout)

    with pytest.raises(MissingWeights, match=r"gone\.safetensors"):
        engine.render(vary(small, checkpoint=ref))


def test_a_folder_that_names_foreign_code_is_refused(engine, small, vary, tiny_folders, tmp_path):
    folder = shutil.copytree(tiny_folders[0], tmp_path / "foreign")
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"unet": ["os", "system"]}))

    with pytest.raises(UnsupportedCheckpoint, match="not loaded"):
        engine.render(vary(small, checkpoint=vary(small.checkpoint, key="foreign", path=str(folder))))


def test_a_file_cut_short_is_refused(engine, small, vary, singles, tmp_path):
    cut = tmp_path / "cut.safetensors"
    with open(singles["sd1"].path, "rb") as whole:
        cut.write_bytes(whole.read()[:-100])

    with pytest.raises(UnsupportedCheckpoint, match="damaged or cut off"):
        engine.render(vary(small, checkpoint=vary(singles["sd1"], key="cut", path=str(cut))))


def test_a_family_that_cannot_be_drawn_is_told_by_name(engine, small, vary, singles):
    with pytest.raises(UnsupportedCheckpoint, match="flux"):
        engine.render(vary(small, checkpoint=vary(singles["sd1"], key="flux", family="flux")))


def test_a_file_of_another_kind_is_told_before_loading(engine, small, vary, line_lora):
    ref = vary(small.checkpoint, key="lora", path=line_lora.path, layout="single")

    with pytest.raises(UnsupportedCheckpoint, match="kind “lora”"):
        engine.render(vary(small, checkpoint=ref))


class Pipeline:
    """Writes down how it is placed."""

    def __init__(self):
        self.told = []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.told.append((name, *args, *kwargs.values()))


@pytest.mark.parametrize(
    ("offload", "slicing", "told"),
    [
        ("none", False, [("to", "cuda")]),
        ("model", True, [("enable_model_cpu_offload", "cuda"), ("enable_attention_slicing",)]),
        ("sequential", True, [("enable_sequential_cpu_offload", "cuda"), ("enable_attention_slicing",)]),
    ],
)
def test_a_pipeline_is_placed_on_a_card_as_planned(offload, slicing, told):
    pipeline = Pipeline()

    loading.put(pipeline, Hardware("cuda", "float16", 1, 2**33), Placement(offload, 1, slicing))

    assert pipeline.told == told


def test_weights_of_another_size_are_refused(singles):
    with pytest.raises(UnsupportedCheckpoint, match="sd1"):
        loader().load(singles["sd1"])


def test_the_vocabulary_is_that_of_clip():
    from generation.engine.vocabulary import clip_tokenizer, clip_vocabulary

    vocabulary, merges = clip_vocabulary()

    assert (len(vocabulary), len(merges)) == (49_408, 48_894)
    # As OpenAI's tokenizer numbers them.
    assert clip_tokenizer()("a photo of a cat").input_ids == [49406, 320, 1125, 539, 320, 2368, 49407]
    padded = clip_tokenizer(pad_token="!")("x", padding="max_length", max_length=77).input_ids
    assert padded[-1] == 0
