"""Taking files home: who may, in which parts, under which name, and how it is counted."""

import hashlib
import io
import zipfile

import django_rq
import pytest
from redis.exceptions import ConnectionError as Away

from accounts import sanctions
from models_hub.downloads import counting, links
from models_hub.models import Download, ModelFile
from tests.factories import ModelVersionFactory
from tests.hub.conftest import sign_in

CONTENT = bytes(range(256)) * 40
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _nothing_counted():
    redis = django_rq.get_connection("small")
    redis.delete(counting.WAITING, *redis.scan_iter(f"{counting.WAITING}:*"))


@pytest.fixture
def file(owner, settings, tmp_path):
    settings.MODELS_DIR = tmp_path
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "ink.safetensors").write_bytes(CONTENT)
    version = ModelVersionFactory(
        **{"card__slug": "ink", "card__owner": owner, "layout": "single", "path": "ab/ink.safetensors", "sha256": SHA}
    )
    return ModelFile.objects.create(version=version, name="水墨 ink.safetensors", size=len(CONTENT), sha256=SHA)


def address(file, end=""):
    return f"/models/{file.version.card.slug}/files/{file.pk}/{file.name}{end}"


def body(response):
    return b"".join(response.streaming_content)


def counted(file):
    counting.flush()
    file.version.refresh_from_db()
    file.version.card.refresh_from_db()
    assert file.version.downloads == file.version.card.downloads
    return file.version.downloads


def test_a_file_is_sent_whole_under_its_own_name_with_its_hash_as_etag(client, file):
    response = client.get(address(file))

    assert (response.status_code, response["ETag"], response["Accept-Ranges"]) == (200, f'"{SHA}"', "bytes")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%B0%B4%E5%A2%A8%20ink")
    assert body(response) == CONTENT


def test_a_broken_download_goes_on_if_the_file_is_the_same(client, file):
    part = client.get(address(file), headers={"Range": "bytes=100-", "If-Range": f'"{SHA}"'})
    other = client.get(address(file), headers={"Range": "bytes=100-", "If-Range": '"other"'})
    beyond = client.get(address(file), headers={"Range": "bytes=99999-"})

    assert (part.status_code, body(part)) == (206, CONTENT[100:])
    assert (other.status_code, body(other)) == (200, CONTENT)
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(CONTENT)}")


def test_head_tells_the_size_without_reading_and_counts_nothing(client, file):
    response = client.head(address(file))

    assert (response.status_code, response["Content-Length"], response["ETag"]) == (200, str(len(CONTENT)), f'"{SHA}"')
    assert not response.streaming
    assert counted(file) == 0


def test_the_digest_lies_beside_the_file(client, file):
    response = client.get(address(file, ".sha256"))

    assert response.content.decode() == f"{SHA}  {file.name}\n"
    assert client.get(address(file, ".md5")).status_code == 404


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"guest": 200, "other": 200, "owner": 200, "moderator": 200}),
        ({"status": "draft"}, {"guest": 404, "other": 404, "owner": 200, "moderator": 200}),
        ({"card__status": "withdrawn"}, {"guest": 404, "other": 404, "owner": 200, "moderator": 200}),
        ({"card__content_level": 2}, {"guest": 404, "other": 404, "owner": 200, "moderator": 200}),
        ({"login_to_download": True}, {"guest": 401, "other": 200, "owner": 200, "moderator": 200}),
        # In quarantine: nobody, whatever the row's path says.
        ({"status": "ready", "path": "", "layout": ""}, dict.fromkeys(("guest", "other", "owner", "moderator"), 404)),
    ],
)
def test_who_may_download(client, people, file, change, expected):
    for name, value in change.items():
        row = file.version.card if name.startswith("card__") else file.version
        setattr(row, name.removeprefix("card__"), value)
        row.save()

    got = {who: sign_in(client, user).get(address(file)).status_code for who, user in people.items()}
    assert got == expected


@pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "ab/../../secret"])
def test_a_path_never_leads_out_of_the_models_folder(client, file, tmp_path, path):
    (tmp_path.parent / "secret").write_text("secret")
    file.version.path = ""
    file.version.save()
    file.path = path
    file.save()

    assert client.get(address(file)).status_code == 404


def test_files_that_wait_for_inspection_or_were_refused_are_nobodys(client, people, file):
    for state in ("pending", "refused"):
        ModelFile.objects.update(state=state)
        assert sign_in(client, people["owner"]).get(address(file)).status_code == 404


def test_a_browser_is_led_to_sign_in_where_only_members_may(client, file):
    file.version.login_to_download = True
    file.version.save()

    response = client.get(address(file), headers={"Accept": "text/html"})
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/models/ink/")


def test_a_signed_link_works_for_its_file_until_its_user_is_banned(client, people, file):
    file.version.login_to_download = True
    file.version.save()
    signature = links.sign(f"file:{file.pk}", people["other"])
    link = f"{address(file)}?sig={signature}"

    assert client.get(link).status_code == 200
    assert client.get(f"{link}x").status_code == 403
    other = ModelFile.objects.create(version=file.version, name="b", size=1, sha256="0" * 64)
    assert client.get(f"{address(other)}?sig={signature}").status_code == 403

    sanctions.ban(user=people["other"], reason="spam", by=people["moderator"])
    assert client.get(link).status_code == 403


def test_a_signed_link_expires(client, people, file, monkeypatch):
    link = f"{address(file)}?sig={links.sign(f'file:{file.pk}', people['other'])}"
    monkeypatch.setattr(links, "SECONDS", -1)

    assert client.get(link).status_code == 403


def test_behind_nginx_the_web_process_sends_no_byte(client, file, settings):
    settings.ACCEL_REDIRECT = "/protected/models/"

    response = client.get(address(file))

    assert (response["X-Accel-Redirect"], response.content) == ("/protected/models/ab/ink.safetensors", b"")
    assert "%E6%B0%B4" in response["Content-Disposition"]
    assert client.get(address(file), headers={"If-None-Match": f'"{SHA}"'}).status_code == 304


def test_a_download_counts_once_a_day_for_each_reader(client, people, file):
    for _again in range(3):
        client.get(address(file))
    client.get(address(file), headers={"Range": "bytes=100-"})
    assert counted(file) == 1

    sign_in(client, people["other"])
    client.get(address(file), headers={"Range": "bytes=0-99"})
    client.get(address(file), headers={"Range": "bytes=100-"})
    assert counted(file) == 2
    assert Download.objects.get().user == people["other"]
    assert counted(file) == 2


def test_downloads_count_while_redis_is_away(client, file, monkeypatch):
    def away(name):
        raise Away

    monkeypatch.setattr(django_rq, "get_connection", away)
    client.get(address(file))
    monkeypatch.undo()

    assert counted(file) == 1


def test_what_a_crashed_flush_left_is_counted_by_the_next(file):
    django_rq.get_connection("small").hset(f"{counting.WAITING}:left", file.version_id, 4)

    assert counted(file) == 4


@pytest.fixture
def folder(owner, settings, tmp_path):
    settings.MODELS_DIR = tmp_path
    version = ModelVersionFactory(card__slug="folder", path="folder", name="1.0 β")
    for name in ("model_index.json", "unet/weights.safetensors"):
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_text(name * 1000)
        ModelFile.objects.create(version=version, name=name, size=len(name) * 1000, sha256="0" * 64)
    return version


def test_a_folder_comes_as_its_files_or_as_one_archive(client, folder):
    file = folder.files.get(name__startswith="unet")
    one = client.get(f"/models/folder/files/{file.pk}/unet/weights.safetensors")
    whole = client.get(f"/models/folder/archives/{folder.pk}/folder-1.0--.zip")

    assert body(one) == ("unet/weights.safetensors" * 1000).encode()
    assert 'filename="weights.safetensors"' in one["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(body(whole)))
    assert archive.testzip() is None
    assert archive.read("unet/weights.safetensors") == ("unet/weights.safetensors" * 1000).encode()
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_my_downloads_lists_the_latest_first_in_constant_queries(
    client, people, file, folder, django_assert_max_num_queries
):
    sign_in(client, people["other"])
    client.get(address(file))
    client.get(f"/models/folder/archives/{folder.pk}/folder-1.0--.zip")

    with django_assert_max_num_queries(9):
        page = client.get("/downloads/").context["page"]

    assert [row.version for row in page] == [folder, file.version]
    client.logout()
    assert client.get("/downloads/").status_code == 302
