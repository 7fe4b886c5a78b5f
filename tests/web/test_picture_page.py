"""A picture's page, its deeds and its file."""

import pytest

PARAMETERS = "Steps: 20, Sampler: dpmpp_2m, CFG scale: 3, Seed: 7"


def test_the_recipe_is_shown_and_can_be_copied_whole(client, picture):
    page = client.get(picture.get_absolute_url()).content.decode()

    assert "a red apple" in page
    assert PARAMETERS in page
    assert "/models/starter/" in page


def test_a_recipe_whose_model_is_gone_keeps_its_name(client, picture, version):
    picture.recipe.version = None
    picture.recipe.save()
    version.delete()

    assert ">Model<" in client.get(picture.get_absolute_url()).content.decode()


def test_arrows_lead_to_the_neighbours(client, make_picture):
    older, middle, newer = (make_picture() for _n in range(3))

    page = client.get(middle.get_absolute_url()).context

    assert (page["newer"], page["older"]) == (newer, older)


def test_title_and_visibility_are_saved_together(client, owner, picture):
    client.force_login(owner)

    client.post(f"{picture.get_absolute_url()}edit/", {"title": "My apple", "visibility": "unlisted"})

    picture.refresh_from_db()
    assert (picture.title, picture.visibility) == ("My apple", "unlisted")


def test_a_refused_title_stays_in_the_form(client, owner, picture):
    client.force_login(owner)

    response = client.post(f"{picture.get_absolute_url()}edit/", {"title": "t" * 121, "visibility": "private"})

    assert response.status_code == 422
    assert "t" * 121 in response.content.decode()
    picture.refresh_from_db()
    assert picture.visibility == "public"


def test_publishing_goes_back_to_where_the_button_was(client, owner, make_picture):
    client.force_login(owner)
    picture = make_picture("private")

    response = client.post(f"{picture.get_absolute_url()}publish/", {"next": "/creations/?show=private"})

    picture.refresh_from_db()
    assert response.url == "/creations/?show=private"
    assert picture.visibility == "public"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_never_leaves_the_site(client, owner, picture, elsewhere):
    client.force_login(owner)

    response = client.post(f"{picture.get_absolute_url()}unpublish/", {"next": elsewhere})

    assert response.url == picture.get_absolute_url()


def test_a_deleted_picture_can_be_had_back(client, owner, picture):
    client.force_login(owner)

    swapped = client.post(f"{picture.get_absolute_url()}trash/", HTTP_HX_REQUEST="true")
    assert f"{picture.get_absolute_url()}restore/" in swapped.content.decode()
    assert client.get(picture.get_absolute_url()).status_code == 404

    client.post(f"{picture.get_absolute_url()}restore/")
    assert client.get(picture.get_absolute_url()).status_code == 200


def test_a_deed_by_get_changes_nothing(client, owner, picture):
    client.force_login(owner)

    response = client.get(f"{picture.get_absolute_url()}trash/")

    assert response.url == picture.get_absolute_url()
    picture.refresh_from_db()
    assert picture.deleted_at is None


def test_a_deed_needs_the_csrf_token(owner, picture):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)

    assert strict.post(f"{picture.get_absolute_url()}trash/").status_code == 403
    picture.refresh_from_db()
    assert picture.deleted_at is None


def test_the_file_is_served_whole_and_saved_under_a_readable_name(client, make_picture, with_file):
    picture = with_file(make_picture(prompt='a red "apple"/苹果'))

    response = client.get(f"{picture.file_url}?download=1")

    assert response.content == picture.path.read_bytes()
    assert response.headers["Content-Type"] == "image/png"
    assert "filename*=utf-8''a%20red%20apple%20%E8%8B%B9%E6%9E%9C-7.png" in response.headers["Content-Disposition"]


def test_a_known_file_is_not_sent_again(client, picture, with_file):
    etag = client.get(with_file(picture).file_url).headers["ETag"]

    response = client.get(picture.file_url, HTTP_IF_NONE_MATCH=etag)

    assert (response.status_code, response.content) == (304, b"")


def test_a_file_hidden_since_is_gone_when_a_cache_asks_again(client, picture, with_file):
    first = client.get(with_file(picture).file_url)
    picture.is_hidden = True
    picture.save()

    again = client.get(picture.file_url, HTTP_IF_NONE_MATCH=first.headers["ETag"])

    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert again.status_code == 404


@pytest.mark.parametrize(("visibility", "shared"), [("public", True), ("private", False), ("unlisted", False)])
def test_only_published_files_are_kept_by_shared_caches(client, owner, make_picture, with_file, visibility, shared):
    client.force_login(owner)

    kept = client.get(with_file(make_picture(visibility)).file_url).headers["Cache-Control"]

    assert ("public" in kept) is shared
    assert ("private" in kept) is not shared


def test_a_preview_exists_only_in_the_widths_that_were_made(client, make_picture):
    picture = make_picture(preview_widths=[256])
    picture.path.parent.mkdir(parents=True, exist_ok=True)
    picture.preview_path(256).write_bytes(b"RIFF")

    assert client.get(picture.small_url).headers["Content-Type"] == "image/webp"
    assert client.get(picture.small_url.replace("256", "257")).status_code == 404


def test_a_file_that_is_missing_on_disk_is_a_404(client, picture):
    assert client.get(picture.file_url).status_code == 404


def test_the_recipe_says_how_it_was_made_and_what_it_wore(client, picture):
    control = {"role": "control", "name": "Edges of things", "sha256": "c" * 64, "weight": 0.8}
    picture.recipe.kind, picture.recipe.strength, picture.recipe.clip_skip = "img2img", 0.55, 2
    picture.recipe.resources = [control, {"role": "vae", "name": "Sharp VAE", "sha256": "d" * 64}]
    picture.recipe.save()

    page = client.get(picture.get_absolute_url()).content.decode()

    for row in ("Picture to picture", "0.55", "Edges of things&nbsp;× 0.8", "Sharp VAE", "<dt>Clip skip</dt><dd>2"):
        assert row in page


def test_the_menu_leads_to_the_exact_rerun(client, picture):
    assert f'href="/pictures/{picture.pk}/rerun/"' in client.get(picture.get_absolute_url()).content.decode()
