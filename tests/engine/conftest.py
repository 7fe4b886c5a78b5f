"""Tiny random checkpoints, the starter that ships with the site, and one engine for both."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from generation.engine import weights
from generation.engine.errors import WeightsUnavailable
from generation.engine.spec import CheckpointRef, LoraRef, RenderSpec

from . import tiny

STARTER = Path(__file__).parents[2] / "models_hub" / "starter"


@pytest.fixture(autouse=True)
def _clean_redis():
    """The engine knows no Redis; replaces the fixture of the whole suite."""


@pytest.fixture(scope="session")
def weights_dir():
    """Where the pinned upscalers are, fetched when absent."""
    folder = Path(os.environ["WEIGHTS_DIR"])
    try:
        weights.fetch(folder)
    except WeightsUnavailable as error:
        pytest.skip(str(error))
    return folder


@pytest.fixture(scope="session")
def configs(tmp_path_factory):
    return tiny.shrink_configs(tmp_path_factory.mktemp("configs"))


@pytest.fixture(scope="session")
def engine(configs, tmp_path_factory):
    """One engine for the whole run, as a worker has; single files are read with the small configurations."""
    from generation.engine.runner import Engine

    return Engine(weights_dir=tmp_path_factory.mktemp("no-weights"), threads=1, device="cpu", configs=configs)


@pytest.fixture(scope="session")
def tiny_folders(configs, tmp_path_factory):
    """Three random diffusers checkpoints of the same size."""
    root = tmp_path_factory.mktemp("tiny")
    return [tiny.write_folder(configs, root / f"tiny{seed}", seed) for seed in range(3)]


@pytest.fixture(scope="session")
def tiny_refs(tiny_folders):
    return [CheckpointRef(folder.name, str(folder), "diffusers", "sd1", name=folder.name) for folder in tiny_folders]


@pytest.fixture
def small(tiny_refs):
    """A quick render of 64 px."""
    return RenderSpec(tiny_refs[0], "a red apple", (7,), steps=3, width=64, height=64, preview_every=1)


@pytest.fixture(scope="session")
def starter():
    folder = STARTER / "starter-3d"
    return CheckpointRef("starter-3d", str(folder), "diffusers", "starter", name="Starter 3D")


@pytest.fixture(scope="session")
def line_lora():
    return LoraRef("starter-line", str(STARTER / "starter-line" / "pytorch_lora_weights.safetensors"), name="Line")


@pytest.fixture
def apple(starter):
    return RenderSpec(starter, "a red apple", (7,), steps=6)


@pytest.fixture
def vary():
    """`vary(spec, steps=4)`: the same spec with some fields changed."""
    return replace


@pytest.fixture(scope="session")
def single_parts():
    """{family: modules whose weights the single file of that family holds}; filled by `singles`."""
    return {}


@pytest.fixture(scope="session")
def singles(configs, single_parts, tmp_path_factory):
    """{family: CheckpointRef of a tiny single file}; the loader is given the small configurations."""
    root, notes = tmp_path_factory.mktemp("single"), {"sd2": {"modelspec.prediction_type": "epsilon"}}
    refs = {}
    for family in ("sd1", "sd2", "sd2-v", "sdxl"):
        path = root / f"{family}.safetensors"
        single_parts[family] = tiny.write_single(configs, family, path, metadata=notes.get(family))
        refs[family] = CheckpointRef(f"single-{family}", str(path), "single", family, name=family)
    return refs
