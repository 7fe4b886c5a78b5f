"""manage.py add_model: what an operator adds is inspected like an upload; hubs are fetched by plain HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.management import CommandError, call_command

from models_hub import hubs
from models_hub.models import ForbiddenHash, ModelCard, ModelFile, ModelVersion
from models_hub.services import STARTERS
from tests.hub import weights

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MODELS_DIR = tmp_path / "models"


@pytest.fixture
def hub():
    """`hub(files)` serves {"owner/name": {path: bytes}} as hubs do and returns the address; a 4th byte may be cut."""
    servers = []

    def serve(repositories, cut=False):
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(*content(repositories, self.path))

            def answer(self, status, raw):
                self.send_response(status)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw[: len(raw) // 2] if cut and "/resolve/" in self.path else raw)

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def content(repositories, path):
    for name, files in repositories.items():
        if path == f"/api/models/{name}":
            return 200, json.dumps({"siblings": [{"rfilename": file} for file in files]}).encode()
        for file, raw in files.items():
            if path == f"/{name}/resolve/main/{file}":
                return 200, raw
    return 404, b"not found"


def starter_files():
    folder = STARTERS / "starter-flat"
    kept = [path for path in folder.rglob("*") if path.is_file() and "samples" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


def test_a_repository_in_diffusers_layout_is_fetched_and_added(hub, settings, capsys):
    extra = {"README.md": b"x", "evil.py": b"raise SystemExit", "../../escape.json": b"{}", "unet/pickle.bin": b"x"}

    call_command("add_model", "owner/icons", hub=hub({"owner/icons": starter_files() | extra}))

    version = ModelVersion.objects.get()
    assert (version.card.slug, version.layout, version.card.family) == ("icons", "diffusers", "starter")
    assert version.full_path.is_dir()
    assert not list(settings.MODELS_DIR.rglob("*.py"))
    assert not list(settings.MODELS_DIR.rglob(".part-*"))
    assert "icons: checkpoint, starter" in capsys.readouterr().out


def test_a_repository_of_a_lora_gives_its_single_files(hub):
    files = {"one.safetensors": weights.lora(salt="1"), "two.safetensors": weights.lora(salt="2"), "x.bin": b"x"}

    call_command("add_model", "owner/loras", hub=hub({"owner/loras": files}))

    assert set(ModelCard.objects.values_list("slug", flat=True)) == {"one", "two"}


@pytest.mark.parametrize(
    ("repositories", "cut", "sentence"),
    [
        ({}, False, "is not on"),
        ({"owner/name": {"model.bin": b"x"}}, False, r"holds no \.safetensors"),
        ({"owner/name": {"a.safetensors": weights.lora()}}, True, "could not be downloaded"),
    ],
    ids=["unknown", "pickles only", "cut off"],
)
def test_what_a_hub_cannot_give_is_told(hub, settings, repositories, cut, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("add_model", "owner/name", hub=hub(repositories, cut))

    assert not ModelCard.objects.exists()
    assert not list(settings.MODELS_DIR.rglob("*.safetensors"))


def test_without_a_network_the_refusal_says_what_to_do():
    with pytest.raises(CommandError, match=r"owner/name could not be downloaded: .*give a path to files you have"):
        call_command("add_model", "owner/name", hub=NOWHERE)


def test_spare_precisions_are_left_at_the_hub():
    names = ["model_index.json", "unet/a.safetensors", "unet/a.fp16.safetensors", "vae/b.fp16.safetensors"]
    names += ["unet/a.non_ema.safetensors", "unet/a-00001-of-00002.safetensors", "unet/config.json", "big.safetensors"]

    assert hubs.chosen(names) == [
        "model_index.json", "unet/a.safetensors", "vae/b.fp16.safetensors", "unet/config.json",
    ]  # fmt: skip


def test_many_at_once_are_added_or_refused_one_by_one(tmp_path, capsys):
    (tmp_path / "good.safetensors").write_bytes(weights.lora(**{"modelspec.trigger_phrase": "ohwx"}))
    (tmp_path / "bad.safetensors").write_bytes(b"cos\nsystem\n(S'true'\ntR.")

    with pytest.raises(CommandError, match="1 of 2 could not be added"):
        call_command("add_model", str(tmp_path / "good.safetensors"), str(tmp_path / "bad.safetensors"))

    said = capsys.readouterr()
    assert "good: lora, sd1" in said.out
    assert "os.system" in said.err
    version = ModelVersion.objects.get()
    assert version.trigger_words == ["ohwx"]
    assert {one.kind for one in version.files.get().hashes.all()} == {"SHA256", "AutoV2", "AutoV3", "BLAKE3", "CRC32"}


def test_what_is_added_is_dated_and_adding_it_again_says_so(tmp_path, capsys):
    path = tmp_path / "one.safetensors"
    path.write_bytes(weights.lora())

    call_command("add_model", str(path))
    call_command("add_model", str(path), name="Other name")

    card = ModelCard.objects.get()
    assert card.published_at == card.last_version_at == card.versions.get().published_at
    assert card.published_at is not None
    assert "here already: one" in capsys.readouterr().out


def test_what_cannot_be_drawn_is_added_only_to_share(tmp_path):
    path = tmp_path / "x2.safetensors"
    path.write_bytes(
        weights.safetensors({"conv_first.weight": (64, 3, 3, 3), "body.0.rdb1.conv1.weight": (32, 64, 3, 3)})
    )

    with pytest.raises(CommandError):
        call_command("add_model", str(path))
    assert not ModelCard.objects.exists()

    call_command("add_model", str(path), share_only=True)
    assert ModelCard.objects.get().kind == "upscaler"
    assert ModelFile.objects.get().findings.get().code == "cannot_run"


@pytest.mark.parametrize("layout", ["single", "diffusers"])
def test_an_inpainting_checkpoint_is_added_and_its_page_says_so(tmp_path, layout):
    from tests.engine import tiny

    configs, path = tiny.shrink_configs(tmp_path / "configs"), tmp_path / "paint"
    if layout == "single":
        path = tmp_path / "paint.safetensors"
        tiny.write_single(configs, "sd1", path, channels=9)
    else:
        tiny.write_inpainting_folder(configs, "sd1", path)

    call_command("add_model", str(path), family="sd1")

    version = ModelVersion.objects.get()
    assert (version.card.kind, version.layout) == ("checkpoint", layout)
    assert [finding.code for file in version.files.all() for finding in file.findings.all()] == ["inpainting"]


def test_forbidden_files_are_not_added_by_operators_either(tmp_path):
    import hashlib

    path = tmp_path / "one.safetensors"
    path.write_bytes(weights.lora())
    ForbiddenHash.objects.create(sha256=hashlib.sha256(path.read_bytes()).hexdigest(), reason="Stolen.")

    with pytest.raises(CommandError):
        call_command("add_model", str(path))

    assert not ModelCard.objects.exists()
