import math

import pytest

from generation.engine.errors import EngineError, InvalidSpec, UnknownSampler
from generation.engine.spec import CheckpointRef, LoraRef, RenderSpec

REF = CheckpointRef("k", "/nowhere", "diffusers", "starter")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", 0), ("steps", -1), ("steps", 10**6), ("steps", 2.5), ("steps", True),
        ("width", 100), ("height", 0), ("width", 56), ("height", 10**5),
        ("guidance", math.nan), ("guidance", math.inf), ("guidance", -1), ("guidance", "7"),
        ("seeds", ()), ("seeds", (-1,)), ("seeds", (2**63,)), ("seeds", (1.5,)), ("seeds", tuple(range(17))),
        ("upscale", 2), ("preview_every", -1), ("loras", (LoraRef("l", "/x", math.nan),)),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_refused_by_name(field, value):
    with pytest.raises(InvalidSpec) as refused:
        RenderSpec(**{"checkpoint": REF, "prompt": "x", "seeds": (1,), field: value})

    assert refused.value.params["field"].split()[0] in (field, field.rstrip("s"))
    assert isinstance(refused.value, EngineError | ValueError)


def test_an_unknown_sampler_is_told_with_the_known_ones():
    with pytest.raises(UnknownSampler, match="euler_a"):
        RenderSpec(REF, "x", (1,), sampler="k_lms")


@pytest.mark.parametrize("prompt", ["", "\0", "🍎" * 999, "תפוח אדום", "a" * 10_000])
def test_any_words_make_a_spec(prompt):
    assert RenderSpec(REF, prompt, (0, 2**63 - 1)).prompt == prompt


def test_importing_the_contract_does_not_import_torch():
    import subprocess
    import sys

    names = "spec, events, errors, samplers, weights"
    code = f"import sys; from generation.engine import {names}; assert 'torch' not in sys.modules"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
