"""What a source becomes before anything is drawn on it: the right size, and for outpainting room around it."""

from dataclasses import dataclass

from . import masks

MARGIN_BLUR = 0.25  # of the added pixels: mirrored borders give the colours, their outlines should not be seen


@dataclass(frozen=True)
class Canvas:
    """The picture to start from in the size of the drawing, and where it is drawn anew (None: everywhere)."""

    picture: object
    mask: object = None

    def finish(self, drawn):
        """The drawn picture with what was to be kept put back."""
        return drawn if self.mask is None else masks.pasted(drawn, self.picture, self.mask)


def canvas(spec):
    """The Canvas of a RenderSpec; None when it starts from words alone."""
    if spec.task == "txt2img":
        return None
    if spec.task == "outpaint":
        picture, mask = extended(opaque(spec.source), spec.outpaint, spec.size)
        return Canvas(picture, masks.feathered(mask, spec.mask_blur))
    picture = covering(opaque(spec.source), spec.size)
    if spec.task != "inpaint":
        return Canvas(picture)
    # A mask of another size is meant for the whole source.
    mask = covering(spec.mask.convert("L").resize(spec.source.size), spec.size)
    return Canvas(picture, masks.feathered(mask, spec.mask_blur))


def blank(size):
    """The Canvas of `size` of which nothing is kept, for checkpoints that always start from one."""
    from PIL import Image

    return Canvas(Image.new("RGB", size, masks.GREY))


def opaque(image):
    """The picture in RGB; what is transparent becomes white."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def covering(image, size):
    """The middle of the picture at `size`, as large as fits; a picture of that size is left as it is."""
    from PIL import Image, ImageOps

    return image if image.size == size else ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def extended(image, sides, size):
    """(picture of `size` with mirrored, blurred borders added at (left, top, right, bottom); mask of what was added).

    What `size` has beyond the sides goes to the right and to the bottom, or where the picture grows.
    """
    import numpy
    from PIL import Image, ImageFilter

    left, top, right, bottom = sides
    spare_width, spare_height = size[0] - image.width - left - right, size[1] - image.height - top - bottom
    left, right = (left, right + spare_width) if right or not left else (left + spare_width, right)
    top, bottom = (top, bottom + spare_height) if bottom or not top else (top + spare_height, bottom)
    mirrored = numpy.pad(numpy.array(image), ((top, bottom), (left, right), (0, 0)), mode="symmetric")
    picture = Image.fromarray(mirrored).filter(ImageFilter.GaussianBlur(MARGIN_BLUR * max(sides)))
    picture.paste(image, (left, top))
    mask = Image.new("L", size, 255)
    mask.paste(0, (left, top, left + image.width, top + image.height))
    return picture, mask
