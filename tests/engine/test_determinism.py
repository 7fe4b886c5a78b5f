"""The same spec gives the same bytes: again, freshly loaded, and in another process."""

import hashlib
import pickle
import subprocess
import sys

import pytest
from PIL import Image

from generation.engine.spec import ControlRef, EmbeddingRef, FileRef

from . import tiny_resources

ELSEWHERE = """
import hashlib, pickle, sys
from generation.engine.runner import Engine
specs = pickle.load(sys.stdin.buffer)
engine = Engine(weights_dir=".", threads=1, device="cpu", configs=sys.argv[1])
for spec in specs:
    print(hashlib.sha256(b"".join(image.tobytes() for image in engine.render(spec).images)).hexdigest())
"""


def digest(rendered):
    return hashlib.sha256(b"".join(image.tobytes() for image in rendered.images)).hexdigest()


@pytest.fixture
def specs(small, vary, configs, singles, tmp_path):
    """One spec of each kind of work, with everything that can be worn somewhere among them."""
    picture = Image.linear_gradient("L").convert("RGB").resize((64, 64))
    network = tiny_resources.write_control(configs, "sd1", tmp_path / "control")
    vae = tiny_resources.write_vae(configs, tmp_path / "vae")
    style = EmbeddingRef("e", tiny_resources.write_embedding(tmp_path / "e.safetensors"), "style")
    begun = vary(small, source=picture, mask=picture.convert("L"), strength=0.7, steps=5, sampler="euler_a")
    return [
        vary(small, prompt="(a:1.2) style", embeddings=(style,), seeds=(1, 2), clip_skip=2),
        vary(small, control=ControlRef(network, network), control_image=picture),
        vary(begun, task="img2img", vae=FileRef(vae, vae)),
        vary(begun, task="inpaint", checkpoint=singles["sdxl"]),
        vary(begun, task="outpaint", outpaint=(8, 0, 3, 0)),
    ]


def test_a_spec_gives_the_same_bytes_again_and_freshly_loaded(engine, specs):
    for spec in specs:
        first, again = engine.render(spec), engine.render(spec)
        engine.cache.evict(spec.checkpoint.key)
        engine.cache.evict_others(None)
        fresh = engine.render(spec)

        assert (again.cache_hit, fresh.cache_hit) == (True, False)
        assert digest(first) == digest(again) == digest(fresh)


def test_another_process_gives_the_same_bytes(engine, specs, configs):
    # The other engine wears what it meets in another order.
    sent = pickle.dumps(specs[::-1])
    run = subprocess.run([sys.executable, "-c", ELSEWHERE, str(configs)], input=sent, capture_output=True, check=True)

    assert run.stdout.decode().split() == [digest(engine.render(spec)) for spec in specs[::-1]]
