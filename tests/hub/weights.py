"""Versions with real files in quarantine, for tests of inspection and moderation."""

import json
import uuid

from django.conf import settings

from models_hub.models import ModelCard, ModelFile, ModelVersion
from tests.factories import ModelCardFactory, ModelVersionFactory, UserFactory

KEY = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"


def safetensors(shapes, metadata=None):
    """The bytes of a file with F16 tensors of these {name: shape}."""
    header, at = {"__metadata__": metadata} if metadata else {}, 0
    for name, shape in shapes.items():
        size = 2
        for side in shape:
            size *= side
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + size]}
        at += size
    raw = json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw + bytes(at)


def lora(width=768, salt="", **metadata):
    """A LoRA in kohya's spelling; `width` tells its family (768 SD 1, 2048 SDXL), `salt` makes it another file."""
    shapes = {f"{KEY}.lora_down.weight": (4, width), f"{KEY}.lora_up.weight": (320, 4), f"{KEY}.alpha": ()}
    return safetensors(shapes, {"salt": salt} | metadata)


def draft(owner=None, **fields):
    """A draft version of a LoRA for SD 1."""
    owner = owner or UserFactory()
    card = ModelCardFactory(
        **{"owner": owner, "kind": "lora", "family": "sd1", "status": ModelCard.Status.DRAFT} | fields
    )
    empty = {"status": ModelVersion.Status.DRAFT, "path": "", "layout": "", "sha256": None, "size": 0}
    return ModelVersionFactory(card=card, **empty)


def arrive(version, raw, name="lora.safetensors", role=ModelFile.Role.MODEL):
    """A file as an upload leaves it: whole, in quarantine, waiting for inspection."""
    path = f"{uuid.uuid4().hex[:2]}/{uuid.uuid4()}"
    where = settings.QUARANTINE_DIR / path
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(raw)
    ModelVersion.objects.filter(pk=version.pk).update(status=ModelVersion.Status.INSPECTING)
    pending = ModelFile.State.PENDING
    return ModelFile.objects.create(version=version, name=name, size=len(raw), role=role, state=pending, path=path)


def inspected(version, raw=None, name="lora.safetensors", **more):
    """`arrive` and then look at it. Returns the file, anew."""
    from models_hub.jobs import inspect_file

    file = arrive(version, lora() if raw is None else raw, name, **more)
    inspect_file(file.pk)
    version.refresh_from_db()
    return ModelFile.objects.select_related("version__card").get(pk=file.pk)


def ready(owner=None, salt=""):
    version = draft(owner)
    inspected(version, lora(salt=salt or str(version.pk)))
    return version
