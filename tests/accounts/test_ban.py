"""What a ban ends, eight of eight: session, token, socket, waiting job, running job, upload, reset link, remember-me.

The socket is proven in test_sockets.py as well; how soon each ends is measured by benchmarks/ban.py.
"""

import pytest
from allauth.account.utils import user_pk_to_url_str
from channels.testing import WebsocketCommunicator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import sanctions, sockets
from accounts.models import User
from accounts.reset import TokenGenerator
from generation import services
from generation.models import Job
from generation.rendering import jobs
from generation.watching.herald import herald
from models_hub.models import Upload
from tests.accounts.people import moderator, with_token
from tests.accounts.test_sockets import Echo, closing_of, joined
from tests.factories import PASSWORD, JobFactory, ModelVersionFactory, UserFactory
from tests.generation.conftest import _media, _not_stopping, starter  # noqa: F401 - fixtures
from visionary.common.exceptions import DomainError

pytestmark = pytest.mark.django_db
LONG_TIME = timezone.timedelta(days=1)


@pytest.fixture
def user():
    return UserFactory(username="anna", email="anna@example.org")


@pytest.fixture
def ban(user):
    boss = moderator()
    return lambda **rest: sanctions.ban(user=user, reason="Spam", by=boss, **rest)


def sign_in(client):
    return client.post("/accounts/login/", {"login": "anna", "password": PASSWORD})


def is_in(client):
    return client.get("/settings/sessions/").status_code == 200


def test_1_the_session_ends(client, user, ban):
    sign_in(client)
    assert is_in(client)

    ban()

    assert not is_in(client)


def test_2_the_token_is_refused_with_the_reason(user, ban):
    client = with_token(user)
    assert client.get("/api/me/").status_code == 200

    ban()

    answer = client.get("/api/me/")
    assert (answer.status_code, answer.json()["code"]) == (403, "banned")
    assert "Spam" in answer.json()["message"]


@pytest.mark.django_db(transaction=True)
async def test_3_the_open_socket_closes(transactional_db):
    from asgiref.sync import sync_to_async

    user, client, boss = await sync_to_async(UserFactory)(), Client(), await sync_to_async(moderator)()
    await sync_to_async(client.force_login)(user)
    socket = WebsocketCommunicator(sockets.EndsWithAccount(Echo.as_asgi()), "/ws/")
    socket.scope |= {"user": user, "session": client.session}
    await socket.connect()
    await joined(user)

    await sync_to_async(sanctions.ban)(user=user, reason="Spam", by=boss)

    assert await closing_of(socket) == ("websocket.close", sockets.CLOSED)


@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.HELD])
def test_4_waiting_jobs_are_cancelled_and_others_wait_on(user, ban, state):
    job, other = JobFactory(owner=user, state=state), JobFactory(state=state)

    ban()

    assert Job.objects.get(pk=job.pk).state == Job.State.CANCELLED
    assert Job.objects.get(pk=other.pk).state == state


@pytest.mark.engine
def test_5_the_running_job_stops_within_two_steps(starter, user, ban, monkeypatch):  # noqa: F811
    job, steps = JobFactory(owner=user, version=starter, steps=40), []

    def say(job_id, *, stage, step, **rest):
        steps.append(step)
        if stage == "denoising" and step >= 3 and Job.objects.running().filter(pk=job.pk).exists():
            ban()
            steps.clear()

    monkeypatch.setattr(herald, "say", say)
    jobs.run_next()

    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert not job.results.exists()
    assert max(steps, default=3) - 3 <= 2


def test_6_the_upload_under_way_is_dropped(user, ban):
    expires = timezone.now() + LONG_TIME
    upload = Upload.objects.create(owner=user, name="x.safetensors", length=10, expires_at=expires)

    ban()

    assert not Upload.objects.filter(pk=upload.pk, state=Upload.State.RECEIVING).exists()


def reset_link(user):
    return f"/accounts/password/reset/key/{user_pk_to_url_str(user)}-{TokenGenerator().make_token(user)}/"


def test_7_the_reset_link_is_dead_also_after_the_ban(client, user, ban):
    link = reset_link(user)
    assert not client.get(link, follow=True).context.get("token_fail")

    row = ban()
    assert Client().get(link, follow=True).context.get("token_fail")
    sanctions.lift(sanction=row, by=moderator(), reason="A mistake")

    assert Client().get(link, follow=True).context.get("token_fail")
    assert not Client().get(reset_link(User.objects.get(pk=user.pk)), follow=True).context.get("token_fail")


def test_8_a_remembered_browser_stays_out_also_after_the_ban(client, user, ban):
    sign_in(client)
    cookie = client.cookies["sessionid"].value

    row = ban()
    sanctions.lift(sanction=row, by=moderator(), reason="A mistake")

    returning = Client()
    returning.cookies["sessionid"] = cookie
    assert not is_in(returning)
    assert sign_in(returning).status_code == 302
    assert is_in(returning)


def test_who_knows_the_password_reads_why_and_until_when(client, user, ban):
    ban(until=timezone.now() + LONG_TIME)

    page = sign_in(client)
    wrong = client.post("/accounts/login/", {"login": "anna", "password": "wrong"})
    api = client.post("/api/login/", {"login": "anna", "password": PASSWORD}, "application/json")

    assert page.status_code == 403
    assert "Spam" in page.content.decode()
    assert "until" in page.content.decode()
    assert "Spam" not in wrong.content.decode()
    assert (api.status_code, api.json()["code"]) == (403, "banned")
    assert not is_in(client)


def test_a_reset_letter_says_why_there_is_no_link(client, user, ban, mailoutbox):
    ban()

    client.post("/accounts/password/reset/", {"email": "anna@example.org"})

    assert "Spam" in mailoutbox[0].body
    assert "/password/reset/key/" not in mailoutbox[0].body


def test_a_banned_persons_request_that_was_under_way_makes_no_job(user, ban):
    version = ModelVersionFactory()
    ban()

    with pytest.raises(DomainError, match="Spam"):
        services.submit_job(owner=user, version=version, prompt="a cat")

    assert not Job.objects.exists()


def test_a_page_costs_no_query_more_for_all_this(client, user):
    client.force_login(user)
    client.get("/about/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/about/")

    asked = [query["sql"] for query in queries if "accounts_" in query["sql"] or "session" in query["sql"]]
    assert sum("accounts_user" in sql for sql in asked) == 1
    assert not any("accounts_sanction" in sql for sql in asked)
