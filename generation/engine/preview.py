"""Small pictures of a drawing under way, almost for free.

A latent pixel's colour is nearly linear in its four numbers. The map is fitted once per VAE on
coloured test patterns that the VAE itself encodes, so it suits any VAE, not only the famous ones.
"""

import io
import itertools

from .decoding import enough_precision

SIDE = 128  # longest side of one preview picture in pixels
QUALITY = 70
GREY = (128, 128, 128)
MAX_BYTES = 4096
# Few, because a full-size VAE needs 0.2 s for each on a CPU; 4 give 256 latent pixels for 5 unknowns.
_PATTERNS = 4
_PATTERN_SIDE = 64  # pixels, 8x8 latents


class PreviewMap:
    """Turns latents into a small WebP. `matrix` is (channels + 1, 3): weights, then a constant."""

    def __init__(self, matrix):
        self._matrix = matrix

    @classmethod
    def from_list(cls, rows):
        """A map that was kept as numbers (`to_list`)."""
        import torch

        return cls(torch.tensor(rows))

    def to_list(self):
        """The matrix as plain numbers."""
        return self._matrix.tolist()

    def draw(self, latents):
        """WebP bytes of the pictures side by side, at most 4 kB. Latents: (pictures, channels, h, w)."""
        return encode([self._picture(latent) for latent in latents])

    def _picture(self, latent):
        from PIL import Image

        pixels = (latent.float().cpu().permute(1, 2, 0) @ self._matrix[:-1] + self._matrix[-1]).clamp(0, 1)
        picture = Image.fromarray((pixels * 255).round().byte().numpy())
        scale = SIDE / max(picture.size)
        return picture.resize([max(1, round(side * scale)) for side in picture.size], Image.Resampling.BICUBIC)


def encode(pictures):
    """WebP bytes of a strip of pictures; shrunk until it fits in 4 kB."""
    from PIL import Image

    strip = Image.new("RGB", (sum(picture.width for picture in pictures), max(picture.height for picture in pictures)))
    left = 0
    for picture in pictures:
        strip.paste(picture, (left, 0))
        left += picture.width
    while len(data := _webp(strip)) > MAX_BYTES:
        strip = strip.resize((max(1, strip.width * 2 // 3), max(1, strip.height * 2 // 3)))
    return data


def apart(webp, number):
    """The PIL pictures of a preview that shows so many side by side."""
    from PIL import Image

    strip = Image.open(io.BytesIO(webp)).convert("RGB")
    edges = [round(place * strip.width / number) for place in range(number + 1)]
    return [strip.crop((left, 0, right, strip.height)) for left, right in itertools.pairwise(edges)]


def covered(webp, number, hidden):
    """The same preview with nothing but grey in the places `hidden`, from 0."""
    from PIL import Image

    pictures = apart(webp, number)
    for place in hidden:
        pictures[place] = Image.new("RGB", pictures[place].size, GREY)
    return encode(pictures)


def _webp(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=0)
    return buffer.getvalue()


def fit(vae, device):
    """The PreviewMap of a VAE by least squares, or None when the VAE gives no finite answer."""
    import torch

    generator = torch.Generator().manual_seed(0)
    images = _patterns(generator)
    with torch.inference_mode(), enough_precision(vae):
        moments = vae.encode((images * 2 - 1).to(device, vae.dtype)).latent_dist.mode()
    latents = to_unet_scale(moments.float().cpu(), vae.config)
    shrink = images.shape[-1] // latents.shape[-1]
    targets = torch.nn.functional.avg_pool2d(images, shrink).permute(0, 2, 3, 1).reshape(-1, 3)
    rows = latents.permute(0, 2, 3, 1).reshape(len(targets), -1)
    solution = torch.linalg.lstsq(torch.cat([rows, torch.ones(len(rows), 1)], 1), targets).solution
    return PreviewMap(solution) if torch.isfinite(solution).all() else None


def to_unet_scale(latents, config):
    """What the VAE encodes, in the scale the UNet works in (the inverse is decoding.to_vae_scale)."""
    return (latents - (getattr(config, "shift_factor", None) or 0)) * config.scaling_factor


def _patterns(generator):
    """Smooth random colour fields in 0..1, shape (patterns, 3, side, side): what pictures are locally."""
    import torch

    corners = torch.rand(_PATTERNS, 3, 5, 5, generator=generator)
    size = (_PATTERN_SIDE, _PATTERN_SIDE)
    return torch.nn.functional.interpolate(corners, size, mode="bilinear", align_corners=True)
