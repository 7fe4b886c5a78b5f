"""Which part of a picture is drawn anew, and how it meets the rest.

Masks are PIL pictures of mode "L" in the size of the drawing, white where it is drawn anew.
"""

GREY = (128, 128, 128)  # the middle of the values a VAE reads
CELL = 8  # pixels that one latent pixel stands for


def feathered(mask, reach):
    """The mask with a soft rim outside of what is white; beyond `reach` pixels it stays as it was."""
    from PIL import ImageFilter

    if not reach:
        return mask
    first, second = reach // 4, reach // 2 - reach // 4
    soft = _grown(mask, reach - reach // 2)
    # Two boxes of integer radius: a soft ramp whose end is exact, as no Gaussian's is.
    return soft.filter(ImageFilter.BoxBlur(first)).filter(ImageFilter.BoxBlur(second))


def _grown(mask, pixels):
    import numpy
    import torch
    from PIL import Image

    tensor = torch.from_numpy(numpy.array(mask))[None].float()
    for kernel, padding in (((1, 2 * pixels + 1), (0, pixels)), ((2 * pixels + 1, 1), (pixels, 0))):
        tensor = torch.nn.functional.max_pool2d(tensor, kernel, stride=1, padding=padding)
    return Image.fromarray(tensor[0].byte().numpy())


def cells(mask):
    """(1, 1, h, w) tensor, 1 in every cell of 8x8 pixels that the mask touches: a latent is changed whole or not."""
    import numpy
    import torch

    tensor = torch.from_numpy(numpy.array(mask))[None, None].float()
    touched = (torch.nn.functional.max_pool2d(tensor, CELL) > 0).float()
    return torch.nn.functional.interpolate(touched, scale_factor=CELL)


def nowhere_kept(size):
    """The cells of a mask that is white all over `size` (width, height)."""
    import torch

    return torch.ones(1, 1, size[1], size[0])


def remains(picture, cells):
    """The picture with the touched cells in grey, which is how inpainting checkpoints were shown what is kept."""
    import numpy
    from PIL import Image

    touched = Image.fromarray((cells[0, 0].numpy() * 255).astype(numpy.uint8))
    return Image.composite(Image.new("RGB", picture.size, GREY), picture, touched)


def pasted(drawn, source, mask):
    """`drawn` where the mask is white, `source` unchanged where it is black."""
    from PIL import Image

    return Image.composite(drawn, source, mask)
