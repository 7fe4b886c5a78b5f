"""Sample pictures: what is read of them, what is kept, what is refused."""

import contextlib
import io
import signal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from accounts import roles
from models_hub import states
from models_hub.models import ModelCard, ModelSample, ModelVersion
from models_hub.wizard import parameters
from tests.factories import ModelCardFactory, ModelVersionFactory, PictureFactory, RecipeFactory, UserFactory
from visionary.common.exceptions import DomainError

TEXT = """a red hill <lora:ink:0.8>, masterpiece
second line
Negative prompt: blurry, text
Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 1234567890, Size: 832x1216, Model hash: 0123456789, \
Model: "hills, v2", Clip skip: 2, Lora hashes: "ink: aabbccddeeff"""


@pytest.fixture
def owner(client, db):
    user = UserFactory()
    client.force_login(user)
    return user


@pytest.fixture
def version(owner):
    card = ModelCardFactory(owner=owner, status="draft", kind="lora", slug="ink")
    return ModelVersionFactory(card=card, status="draft")


def picture(text="", kind="PNG", size=(64, 48)):
    buffer, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("parameters", text)
    options = {"pnginfo": info} if kind == "PNG" else {}
    if kind == "JPEG":
        exif = Image.Exif()
        exif.get_ifd(parameters.EXIF_IFD)[parameters.USER_COMMENT] = b"UNICODE\0" + text.encode("utf-16-be")
        options = {"exif": exif.tobytes()}
    Image.new("RGB", size, "teal").save(buffer, kind, **options)
    return SimpleUploadedFile(f"a.{kind.lower()}", buffer.getvalue())


def send(client, *pictures):
    return client.post("/models/ink/edit/samples/add/", {"pictures": list(pictures)}, follow=True)


def test_parameters_are_read_as_other_programs_write_them():
    found = parameters.read(TEXT + '"')

    assert found["prompt"] == "a red hill <lora:ink:0.8>, masterpiece\nsecond line"
    assert (found["negative_prompt"], found["steps"], found["seed"]) == ("blurry, text", 28, 1234567890)
    assert (found["width"], found["height"], found["guidance"], found["clip_skip"]) == (832, 1216, 6.5, 2)
    assert (found["model"], found["model_hash"]) == ("hills, v2", "0123456789")
    assert found["loras"] == [{"name": "ink", "weight": 0.8, "sha256": "aabbccddeeff"}]


@pytest.mark.parametrize(
    "text", ["", "Steps:", "Steps: 9999999999999999999999, Seed: x", "a" * 100_000, "Steps: 1, Size: 0x0x0", "\x00"]
)
def test_broken_parameters_break_nothing(text):
    assert isinstance(parameters.read(text), dict)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_sample_keeps_its_recipe_and_nothing_else_of_the_file(client, version, kind, settings):
    send(client, picture(TEXT, kind))

    sample = version.samples.get()
    assert sample.prompt.startswith("a red hill")
    assert (sample.seed, sample.facts["steps"], sample.width) == (1234567890, 28, 64)
    with Image.open(sample.image.path) as stored:
        assert (stored.format, stored.size) == ("WEBP", (64, 48))
        assert not {"parameters", "exif"} & set(stored.info)


def test_a_picture_that_says_nothing_has_no_seed(client, version):
    send(client, picture())

    assert (version.samples.get().seed, version.samples.get().prompt) == (None, "")


def test_what_is_no_picture_is_named_and_the_others_kept(client, version):
    answer = send(client, picture(), SimpleUploadedFile("evil.png", b"<script>"), picture())

    assert version.samples.count() == 2
    assert "evil.png" in answer.content.decode()


def test_there_are_at_most_twenty(client, version):
    for position in range(20):
        row = {"prompt": "x", "seed": 1, "position": position, "width": 8, "height": 8}
        ModelSample.objects.create(version=version, image="samples/none.webp", **row)

    answer = send(client, picture())

    assert version.samples.count() == 20
    assert "at most 20" in answer.content.decode()


def test_samples_are_moved_removed_and_one_is_the_cover(client, version):
    send(client, picture(size=(64, 48)), picture(size=(80, 48)), picture(size=(96, 48)))
    first, second, _third = version.samples.all()

    client.post(f"/models/ink/edit/samples/{second.pk}/earlier/")
    client.post(f"/models/ink/edit/samples/{second.pk}/cover/")
    client.post(f"/models/ink/edit/samples/{first.pk}/remove/")

    version.card.refresh_from_db()
    assert [sample.width for sample in version.samples.all()] == [80, 96]
    assert version.card.cover_id == second.pk


def test_ones_own_creations_made_with_it_are_offered_and_taken_over(client, version, owner):
    mine = RecipeFactory(picture__owner=owner, version=version, prompt="an inky hill").picture
    other = RecipeFactory(picture__owner=owner, prompt="something else").picture
    mine.path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (64, 64), "red").save(mine.path)

    offered = client.get("/models/ink/edit/samples/creations/", headers={"HX-Request": "true"}).content.decode()
    client.post(f"/models/ink/edit/samples/creations/{mine.pk}/")

    assert str(mine.pk) in offered
    assert str(other.pk) not in offered
    assert (version.samples.get().prompt, version.samples.get().seed) == ("an inky hill", 7)


def test_another_persons_picture_is_not_taken(client, version):
    theirs = PictureFactory(visibility="public")

    assert client.post(f"/models/ink/edit/samples/creations/{theirs.pk}/").status_code == 404


@pytest.mark.parametrize("line", ["Steps: 1," + " " * 19_000 + "!", "<lora:a:1" * 2200, 'Steps: 1,a:"' * 1500])
def test_no_text_is_read_for_minutes(line):
    with watched(seconds=20):
        parameters.read(line)


@contextlib.contextmanager
def watched(seconds):
    """A pattern that goes astray would hold up the whole suite: after so much work of the processor it is ended."""

    def stop(*_signal):
        pytest.fail("still reading")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_samples_of_a_mature_model_are_for_those_who_want_them(client, version, owner):
    send(client, picture())
    ModelVersion.objects.update(status="published")
    ModelCard.objects.update(status="published", content_level=1)
    address = f"/models/ink/samples/{ModelSample.objects.get().pk}"

    answer = client.get(address)
    assert (answer.status_code, "public" in answer["Cache-Control"]) == (200, False)
    client.logout()
    assert client.get(address).status_code == 404
    ModelCard.objects.update(content_level=0)
    assert "public" in client.get(address)["Cache-Control"]


def test_a_version_of_thousands_of_digits_is_none(client, version):
    assert client.get("/models/ink/edit/samples/", {"version": "9" * 5000}).status_code == 404


def test_what_comes_after_approval_is_shown_once_a_moderator_has_seen_it(client, version, owner):
    ModelVersion.objects.update(status="published")
    ModelCard.objects.update(status="published")
    send(client, picture())
    sample = ModelSample.everything.get()
    address = f"/models/ink/samples/{sample.pk}"
    assert not version.samples.exists()
    assert address in client.get(f"/models/ink/edit/samples/?version={version.pk}").content.decode()
    client.post(f"/models/ink/edit/samples/{sample.pk}/cover/")
    assert ModelCard.objects.get().cover_id is None
    with pytest.raises(DomainError):
        states.approve_sample(sample, owner)
    client.logout()
    assert client.get(address).status_code == 404

    states.approve_sample(sample, UserFactory(is_staff=True, is_superuser=True))

    assert client.get(address).status_code == 200
    assert version.samples.get() == sample


def test_trusted_owners_samples_are_shown_at_once(client, version, owner):
    ModelVersion.objects.update(status="published")
    roles.set_trusted(user=owner, by=UserFactory(is_superuser=True))

    send(client, picture())

    assert version.samples.count() == 1
