"""The contact sheet of a grid: its pictures in one PNG, the values along its edges."""

import functools
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from generation.grids import axes, grids

# Sides of the whole and of one cell, in pixels: 64 cells of 512 px make a sheet of 4096.
MAX_SIDE, MAX_CELL = 8192, 512
GAP, MARGIN = 8, 24
GROUND, INK, FAINT, BLANK = "#fafaf9", "#1c1917", "#78716c", "#e7e5e4"
MAX_LINES = 3
# Fonts that have Chinese, where systems keep them; the first that is there is used.
FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
# Faces of Noto's collection are JP, KR, SC, TC, HK: the same characters in the forms of each region.
FACES = {"NotoSansCJK-Regular.ttc": 2}
# Up to here (Latin, Greek, Cyrillic) Pillow's own font has what is needed, or nearly.
LAST_PLAIN = "\u04ff"


def png(grid):
    """(temporary file, its size in bytes) of the sheet."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    draw(grid).save(file, "PNG", compress_level=3)
    return file, file.tell()


def draw(grid):
    """The sheet as a PIL image."""
    rows = grids.table(grid)
    columns = grid.x_axis["labels"]
    cell = cell_size(rows, len(columns), len(rows))
    size = max(14, min(cell) // 14)
    tops = [lines(text, size, cell[0]) for text in named(grid.x_axis, columns)]
    sides = [lines(row["label"], size, cell[0] // 2) for row in rows]
    left = max((width(line, size) for side in sides for line in side), default=0) + (GAP if any(sides) else 0)
    top = max(len(one) for one in tops) * round(size * 1.3) + GAP
    corner = MARGIN + left, MARGIN + top
    sheet = Image.new("RGB", whole(corner, cell, len(columns), len(rows)), GROUND)
    pen = ImageDraw.Draw(sheet)
    for number, text in enumerate(tops):
        write(pen, text, size, corner[0] + number * (cell[0] + GAP), MARGIN)
    for number, (row, text) in enumerate(zip(rows, sides, strict=True)):
        down = corner[1] + number * (cell[1] + GAP)
        write(pen, text, size, MARGIN, down)
        for place, job in enumerate(row["cells"]):
            paste(sheet, pen, job, (corner[0] + place * (cell[0] + GAP), down), cell, size)
    return sheet


def named(axis, labels):
    """Numbers say little alone: "steps" stands before the first of them."""
    name = str(axes.NAMES.get(axis["name"], ""))
    plain = axis["name"] in axes.WHOLE | axes.NUMBERS
    return [f"{name}: {label}" if plain else label for label in labels]


def cell_size(rows, across, down):
    """(width, height) of a cell: the largest picture's, smaller where the sheet would be too large."""
    pictures = [job.shown_picture for row in rows for job in row["cells"] if job and job.shown_picture]
    jobs = [job for row in rows for job in row["cells"] if job]
    width = max((one.width for one in pictures), default=max((job.width for job in jobs), default=128))
    height = max((one.height for one in pictures), default=max((job.height for job in jobs), default=128))
    room = min((MAX_SIDE - 4 * MARGIN) / (across * width), (MAX_SIDE - 4 * MARGIN) / (down * height))
    scale = min(1.0, MAX_CELL / max(width, height), room * 0.9)
    return max(16, int(width * scale)), max(16, int(height * scale))


def whole(corner, cell, across, down):
    return (
        corner[0] + across * (cell[0] + GAP) - GAP + MARGIN,
        corner[1] + down * (cell[1] + GAP) - GAP + MARGIN,
    )


def paste(sheet, pen, job, place, cell, size):
    """The cell's picture in the middle of its place; a grey field with the state while there is none."""
    image = opened(job.shown_picture) if job and job.shown_picture else None
    if image is None:
        pen.rectangle((*place, place[0] + cell[0] - 1, place[1] + cell[1] - 1), BLANK)
        if job:
            words = lines(str(job.get_state_display()), size, cell[0] - 2 * GAP)
            write(pen, words, size, place[0] + GAP, place[1] + GAP, FAINT)
        return
    image.thumbnail(cell, Image.Resampling.LANCZOS)
    sheet.paste(image, (place[0] + (cell[0] - image.width) // 2, place[1] + (cell[1] - image.height) // 2))


def opened(picture):
    try:
        with Image.open(picture.path) as image:
            return image.convert("RGB")
    except OSError:
        return None  # its file is gone: the cell stays blank


@functools.lru_cache(maxsize=8)
def font(size):
    """A font of `size` pixels: one that has Chinese where the system has one, else Pillow's own."""
    found = next((path for path in FONTS if Path(path).is_file()), None)
    if found:
        return ImageFont.truetype(found, size, index=FACES.get(Path(found).name, 0))
    return ImageFont.load_default(size)


def has_chinese_font():
    return any(Path(path).is_file() for path in FONTS)


def is_plain(text):
    return all(mark <= LAST_PLAIN for mark in text)


def width(text, size):
    return round(font(size).getlength(text))


def lines(text, size, room):
    """`text` in at most MAX_LINES lines of `room` pixels, cut with "…"; marks that no font has become "?"."""
    if not is_plain(text) and not has_chinese_font():
        text = "".join(mark if mark <= LAST_PLAIN else "?" for mark in text)
    found, line = [], ""
    for word in words_of(" ".join(text.split())):
        if line and width(line + word, size) > room:
            found, line = [*found, line.strip()], ""
        line += word
    found = [one for one in [*found, line.strip()] if one]
    cut = found[:MAX_LINES]
    if len(found) > MAX_LINES:
        cut[-1] = cut[-1][:-1] + "…"
    return [shortened(one, size, room) for one in cut]


def words_of(text):
    """Where a line may end: after spaces, and after every Chinese character."""
    word = ""
    for mark in text:
        word += mark
        if mark == " " or mark > LAST_PLAIN:
            yield word
            word = ""
    if word:
        yield word


def shortened(line, size, room):
    while len(line) > 1 and width(line, size) > room:
        line = line[:-2].rstrip() + "…"
    return line


def write(pen, text, size, left, top, colour=INK):
    for number, line in enumerate(text):
        pen.text((left, top + number * round(size * 1.3)), line, colour, font=font(size))
