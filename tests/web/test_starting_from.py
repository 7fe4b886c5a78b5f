"""What the form starts from: pictures of the site, files sent without script, parts, guides; and the time it takes."""

import pytest

from generation.asking import sources
from generation.models import Job, Source
from generation.rendering import guides as drawing
from tests.factories import PictureFactory, UserFactory
from tests.generation.drawn import named_file, png, source_of, with_file

PAGE = "/generate/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed_in(client, owner, version):
    client.force_login(owner)
    return client


@pytest.fixture
def picture(owner):
    return with_file(PictureFactory(owner=owner, width=64, height=48))


def test_opening_the_form_with_a_picture_stores_nothing(signed_in, picture):
    page = signed_in.get(PAGE, {"source": picture.pk, "kind": "img2img"}).content.decode()

    assert f'name="source" value="picture:{picture.pk}"' in page
    assert f'data-url="{picture.file_url}"' in page
    assert not Source.objects.exists()


def test_sending_it_stores_a_copy_and_the_job_starts_from_that(signed_in, picture):
    signed_in.post(PAGE, {"prompt": "a pear", "kind": "img2img", "source": f"picture:{picture.pk}"})

    assert Job.objects.get().source.picture == picture


def test_a_picture_that_may_not_be_started_from_is_not_offered_and_not_taken(signed_in):
    foreign = with_file(PictureFactory(visibility="public", may_be_reused=False))
    page = signed_in.get(PAGE, {"source": foreign.pk}).content.decode()

    answer = signed_in.post(PAGE, {"prompt": "a pear", "kind": "img2img", "source": f"picture:{foreign.pk}"})

    assert f"picture:{foreign.pk}" not in page
    assert answer.status_code == 422
    assert not Source.objects.exists()


def test_a_browser_without_script_sends_files(signed_in):
    fields = {"prompt": "a pear", "kind": "inpaint"}
    files = {"source_file": named_file(png()), "mask_file": named_file(png(colour="white"))}

    answer = signed_in.post(PAGE, fields | files)

    job = Job.objects.get()
    assert answer.status_code == 302
    assert (job.kind, job.source.role, job.mask.role) == ("inpaint", "source", "mask")


def test_a_file_that_is_no_picture_is_told_at_its_field_and_the_form_kept(signed_in):
    fields = {"prompt": "a yellow pear", "kind": "img2img", "source_file": named_file(b"MZ nothing")}

    answer = signed_in.post(PAGE, fields)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "this is not a picture that can be read" in page
    assert "a yellow pear" in page
    assert not Job.objects.exists()


def test_the_form_offers_files_without_script(signed_in):
    page = signed_in.get(PAGE).content.decode()

    assert 'enctype="multipart/form-data"' in page
    for name in ("source_file", "mask_file", "control_source_file"):
        assert f'type="file" name="{name}"' in page


def crop(client, source, **asked):
    part = {"left": 1, "top": 1, "width": 32, "height": 32} | asked
    return client.post(f"/generate/sources/{source.pk}/crop/", part)


def test_a_part_of_ones_own_source_is_taken(signed_in, owner):
    answer = crop(signed_in, source_of(owner))

    assert answer.status_code == 201
    assert (answer.json()["width"], answer.json()["height"]) == (32, 32)


@pytest.mark.parametrize("asked", [{"left": "x"}, {"width": ""}, {"left": "99999999999"}, {"height": "1e3"}])
def test_a_bad_part_is_refused_in_a_sentence(signed_in, owner, asked):
    answer = crop(signed_in, source_of(owner), **asked)

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Crop: ")


@pytest.mark.parametrize("path", ["crop/", "guide/edges/", "guide/edges.webp"])
def test_anothers_source_is_not_found(signed_in, path):
    address = f"/generate/sources/{source_of(UserFactory()).pk}/{path}"

    assert (signed_in.get if path.endswith("webp") else signed_in.post)(address).status_code == 404


def test_a_guide_is_asked_for_drawn_and_shown(signed_in, owner):
    source = source_of(owner, role="guide")
    address = f"/generate/sources/{source.pk}/guide/edges/"

    assert signed_in.post(address).json() == {"state": "drawing", "message": "", "url": ""}
    assert signed_in.get(f"{address[:-1]}.webp").status_code == 404
    drawing.draw(str(source.pk), "edges")

    told = signed_in.get(address).json()
    assert told["state"] == "done"
    assert signed_in.get(told["url"]).headers["Content-Type"] == "image/webp"


def test_looking_at_a_guide_asks_for_nothing(signed_in, owner):
    address = f"/generate/sources/{source_of(owner).pk}/guide/depth/"

    assert signed_in.get(address).status_code == 400
    assert signed_in.post(address).json()["field"] == "preprocessor"


def test_a_form_is_foretold_without_being_kept(signed_in, picture):
    told = signed_in.post("/generate/estimate/", {"kind": "img2img", "source": f"picture:{picture.pk}"}).json()

    assert set(told) == {"seconds", "wait", "text", "detail"}
    assert not Source.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.parametrize("asked", [{"kind": "img2img"}, {"model": "gone"}, {"steps": "many"}, {"x_axis": "steps"}])
def test_what_cannot_be_foretold_is_not(signed_in, asked):
    answer = signed_in.post("/generate/estimate/", asked)

    assert answer.status_code == 200
    assert answer.json()["seconds"] is None


def test_an_offered_picture_is_as_large_as_its_source_will_be(owner):
    picture = with_file(PictureFactory(owner=owner, width=4096, height=1024), size=(4096, 1024))

    offered = sources.offered(owner, f"picture:{picture.pk}")
    stored = sources.take_in(owner=owner, role="source", text=offered.pk)

    assert (offered.width, offered.height) == (stored.width, stored.height) == (2048, 512)
