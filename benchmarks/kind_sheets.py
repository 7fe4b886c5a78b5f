"""Contact sheets of every kind of work, drawn by a private site: submit, queue, worker, file, as for any user.

    python -m benchmarks.kind_sheets [--out docs/pictures]

Writes kinds.webp (a labelled row for each kind) and grid.webp (an X/Y grid's own sheet). Prints nothing but the files.
"""

import argparse
import io
from pathlib import Path

from benchmarks import world

CELL, LABEL = 176, 24  # pixels
WORDS = ["a red apple", "a cat", "一辆蓝色的汽车", "a house on a yellow background", "a penguin", "披萨"]


def picture_of(job):
    """The picture of a job, once it is done. Raises SystemExit when it failed."""
    from generation.models import Job

    world.wait_until(lambda: not Job.objects.active().filter(pk=job.pk).exists(), 600, 0.1)
    job.refresh_from_db()
    if job.state != Job.State.DONE:
        raise SystemExit(f"{job.kind}: {job.failure}")
    return job.results.first().picture


def opened(picture):
    from PIL import Image

    return Image.open(picture.path).convert("RGB")


class Studio:
    """Asks for pictures as one user, with one seed."""

    def __init__(self, owner):
        self.owner, self.version = owner, world.starter()

    def draw(self, prompt="a red apple", **asked):
        from generation import services

        asked = {"steps": 16, "guidance": 2.0, "seed": 7, "upscale": 4, **asked}
        return picture_of(services.submit_job(owner=self.owner, version=self.version, prompt=prompt, **asked))

    def source(self, image, role="source", like=None):
        from generation.asking.sources import store_source

        with io.BytesIO() as stream:
            image.save(stream, "PNG")
            return store_source(owner=self.owner, data=stream.getvalue(), role=role, like=like)


def from_words(studio):
    return "Text to picture", [(words, opened(studio.draw(words))) for words in WORDS]


def from_a_picture(studio):
    start = opened(studio.draw("a green apple", upscale=1))
    source = studio.source(start)
    found = [
        (
            f"“an orange”, strength {strength}",
            opened(studio.draw("an orange", kind="img2img", source=source, strength=strength)),
        )
        for strength in (0.3, 0.6, 0.9)
    ]
    return "Picture to picture", [("source: “a green apple”", start), *found]


def inpainted(studio):
    from PIL import Image, ImageDraw

    start = opened(studio.draw("a house", upscale=1))
    source = studio.source(start)
    mask = Image.new("L", start.size, 0)
    ImageDraw.Draw(mask).rectangle((0, 0, start.width, int(start.height * 0.45)), fill=255)
    painted = studio.source(mask, "mask", source)
    result = opened(
        studio.draw("a house on a blue background", kind="inpaint", source=source, mask=painted, strength=0.9)
    )
    return "Inpaint", [
        ("source: “a house”", start),
        ("mask (white is drawn anew)", mask.convert("RGB")),
        ("“on a blue background”", result),
    ]


def outpainted(studio):
    start = opened(studio.draw("a cat", upscale=1))
    source = studio.source(start)
    wider = studio.draw(
        "a cat", kind="outpaint", source=source, outpaint={"left": 32, "right": 32, "top": 0, "bottom": 0}
    )
    return "Outpaint", [("source: “a cat”", start), ("32 pixels to the left and right", opened(wider))]


def with_a_lora(studio):
    from models_hub.models import ModelVersion

    line = ModelVersion.objects.get(card__slug="starter-line")
    found = [
        (f"line LoRA at {weight}", opened(studio.draw("a cat", loras=[(line, weight)]))) for weight in (0.0, 0.6, 1.2)
    ]
    return "LoRA", found


def gridded(studio):
    """The sheet of an X/Y grid, as the site gives it for download."""
    from generation.grids import grids, sheets
    from generation.models import Job

    grid = grids.submit_grid(
        owner=studio.owner, version=studio.version, prompt="a red apple", seed=7, steps=8, guidance=2.0,
        x=("steps", "4, 8, 16"), y=("guidance", "1, 2, 4"),
    )  # fmt: skip
    world.wait_until(lambda: not Job.objects.active().filter(group=grid).exists(), 600)
    return sheets.draw(grid)


def sheet(rows):
    """One picture of labelled rows of (label, picture)."""
    from PIL import Image, ImageDraw, ImageOps

    from generation.grids.sheets import font

    widest = max(len(cells) for _title, cells in rows)
    page = Image.new("RGB", (widest * CELL, len(rows) * (CELL + 2 * LABEL)), "white")
    pen = ImageDraw.Draw(page)
    for number, (title, cells) in enumerate(rows):
        top = number * (CELL + 2 * LABEL)
        pen.text((6, top + 4), title, fill="black", font=font(15))
        for place, (label, picture) in enumerate(cells):
            small = ImageOps.contain(picture, (CELL - 8, CELL - 8))
            page.paste(small, (place * CELL + 4, top + LABEL))
            pen.text((place * CELL + 4, top + LABEL + CELL - 6), label, fill="#555", font=font(11))
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=world.ROOT / "docs" / "pictures")
    out = parser.parse_args().out
    _redis, owner = world.set_up()
    world.start_worker()
    studio = Studio(owner)
    kinds = (from_words, from_a_picture, inpainted, outpainted, with_a_lora)
    sheet([kind(studio) for kind in kinds]).save(out / "kinds.webp", quality=85)
    gridded(studio).convert("RGB").save(out / "grid.webp", quality=85)
    print(out / "kinds.webp", out / "grid.webp")


if __name__ == "__main__":
    main()
