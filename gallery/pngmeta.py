"""What a picture's file says of itself: its recipe, readable by other tools, and that it was made by AI.

The `parameters` text is AUTOMATIC1111's. The mark is twofold: IPTC's digitalSourceType "trainedAlgorithmicMedia"
(https://cv.iptc.org/newscodes/digitalsourcetype/) and the AIGC label of GB 45438-2025 in the TC260 namespace.
"""

import io
import json
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from visionary.common.files import Stage

# Level 4 is half a level-6 save's time for about 2 % more bytes.
COMPRESSION = 4
XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">
<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>
<TC260:AIGC>{label}</TC260:AIGC>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
PRODUCER = "Visionary Art"


def parameters_text(recipe):
    """A recipe (dict of gallery.Recipe columns) as the text that other tools read."""
    lines = [recipe["prompt"]]
    if recipe.get("negative_prompt"):
        lines.append(f"Negative prompt: {recipe['negative_prompt']}")
    parts = {
        "Steps": recipe["steps"],
        "Sampler": recipe["sampler"],
        "CFG scale": f"{recipe['guidance']:g}",
        "Seed": recipe["seed"],
        "Size": f"{recipe['width']}x{recipe['height']}",
        "Model hash": recipe["model_sha256"][:10],
        "Model": quoted(recipe["model_name"]),
    }
    if recipe.get("strength") is not None:
        parts["Denoising strength"] = f"{recipe['strength']:g}"
    if recipe.get("clip_skip", 1) > 1:
        parts["Clip skip"] = recipe["clip_skip"]
    if recipe.get("loras"):
        hashes = ", ".join(f"{lora['name']}: {lora['sha256'][:12]}" for lora in recipe["loras"])
        parts["Lora hashes"] = f'"{hashes}"'
    if recipe.get("upscale", 1) > 1:
        parts["Hires upscale"] = recipe["upscale"]
    parts["Version"] = PRODUCER
    lines.append(", ".join(f"{name}: {value}" for name, value in parts.items()))
    return "\n".join(lines)


def quoted(text):
    """A value as A1111 writes it: in quotes when it holds what would end it."""
    return json.dumps(text, ensure_ascii=False) if any(mark in text for mark in ',:"\n') else text


def xmp(recipe):
    """The AI mark. Label 1 means: made by AI."""
    label = {"Label": "1", "ContentProducer": PRODUCER, "ProduceID": f"{recipe['model_sha256'][:16]}-{recipe['seed']}"}
    return XMP.format(label=escape(json.dumps(label)))


def png_bytes(image: Image.Image, recipe) -> bytes:
    """The picture as a PNG that carries its recipe and the AI mark."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt("parameters", parameters_text(recipe))
    info.add_itxt("XML:com.adobe.xmp", xmp(recipe))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=info, compress_level=COMPRESSION)
    return buffer.getvalue()


def save_png(image: Image.Image, path: Path, recipe) -> None:
    """Write the picture to `path`, whole or not at all."""
    stage = Stage()
    stage.write(Path(path).resolve(), png_bytes(image, recipe))
    stage.carry_out()
