"""The pictures in the help bubbles of the generate page: `python -m tools.help_pictures`, on a site with the starters.

Each is a strip of one prompt drawn with one setting varied, by the real engine; static/img/help/NAME.webp.
"""

import dataclasses
import os
import sys

from PIL import Image, ImageDraw, ImageFont

from tools.sources import ROOT

TARGET = ROOT / "static" / "img" / "help"
SIDE, GAP = 128, 4  # pixels
QUALITY = 78
PROMPT, SEED = "a red apple", 7
# Name of the strip -> (caption, changes of the spec).
STEPS = [(str(steps), {"steps": steps, "prompt": "a panda"}) for steps in (1, 2, 4, 12)]
GUIDANCE = [(f"{value:g}", {"guidance": value}) for value in (1.0, 2.0, 5.0, 14.0)]
# A word that the starter knows little of: there the seed decides most.
SEEDS = [(str(seed), {"seeds": (seed,), "prompt": "a strange colourful thing"}) for seed in (1, 2, 3, 4)]
SAMPLERS = [("Euler", "euler"), ("Euler a", "euler_a"), ("DPM++ 2M", "dpmpp_2m"), ("Heun", "heun")]
STRENGTHS = (0.3, 0.6, 0.9)
LORA_WEIGHTS = (0.0, 0.5, 1.0, 1.6)


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "visionary.settings")
    import django

    django.setup()
    from generation.engine.runner import Engine
    from generation.recipes import specs

    engine, plain = Engine(**specs.engine_settings()), plain_spec()
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, cells in strips(engine, plain).items():
        save(name, [(caption, draw(engine, spec)) for caption, spec in cells])


def plain_spec():
    """The starter's own settings with one prompt and one seed."""
    from generation.engine.spec import RenderSpec
    from generation.management.commands.generate import find_version
    from generation.recipes import specs

    version = find_version("checkpoint", "starter-3d")
    return RenderSpec(
        checkpoint=specs.checkpoint_ref(version),
        prompt=PROMPT,
        seeds=(SEED,),
        steps=version.settings["steps"],
        guidance=version.settings["guidance"],
        sampler=version.settings["sampler"],
        preview_every=0,
    )


def strips(engine, plain):
    """{name: [(caption, spec)]}."""

    def varied(cells):
        return [(caption, dataclasses.replace(plain, **changes)) for caption, changes in cells]

    return {
        "steps": varied(STEPS),
        "guidance": varied(GUIDANCE),
        "seed": varied(SEEDS),
        "sampler": varied([(label, {"sampler": slug, "steps": 3, "prompt": "a rocket"}) for label, slug in SAMPLERS]),
        "lora": varied([(f"{weight:g}", lora(weight)) for weight in LORA_WEIGHTS]),
        "strength": [("0", plain), *varied(other_words(draw(engine, plain)))],
    }


def lora(weight):
    from generation.management.commands.generate import find_version
    from generation.recipes import specs

    return {"loras": (specs.lora_ref(find_version("lora", "starter-line"), weight),) if weight else ()}


def other_words(source):
    """Further and further from `source` towards other words."""
    shared = {"task": "img2img", "source": source, "prompt": "a green pear"}
    return [(f"{strength:g}", shared | {"strength": strength}) for strength in STRENGTHS]


def draw(engine, spec):
    return engine.render(spec, lambda event: True).images[0].convert("RGB").resize((SIDE, SIDE))


def save(name, cells):
    """The cells side by side, each with its caption on a dark ground that any picture leaves legible."""
    strip = Image.new("RGB", (len(cells) * (SIDE + GAP) - GAP, SIDE), "white")
    font = ImageFont.load_default(size=15)
    pen = ImageDraw.Draw(strip)
    for place, (caption, image) in enumerate(cells):
        left = place * (SIDE + GAP)
        strip.paste(image, (left, 0))
        width = pen.textlength(caption, font=font)
        pen.rounded_rectangle((left + 4, SIDE - 25, left + 16 + width, SIDE - 4), 5, fill="#1d1a17")
        pen.text((left + 10, SIDE - 23), caption, font=font, fill="white")
    strip.save(TARGET / f"{name}.webp", quality=QUALITY, method=6)
    sys.stdout.write(f"{name}: {(TARGET / f'{name}.webp').stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
