import django_rq
import pytest
import redis

from visionary.common import redis_server


@pytest.fixture
def policy():
    """Sets the eviction policy of the tests' Redis for one test."""
    client = django_rq.get_connection("render")
    before = client.config_get("maxmemory-policy")["maxmemory-policy"]
    yield lambda value: client.config_set("maxmemory-policy", value)
    client.config_set("maxmemory-policy", before)


@pytest.mark.parametrize("value", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
def test_a_redis_that_may_drop_jobs_is_refused(policy, value):
    policy(value)

    assert f"maxmemory-policy {value}" in redis_server.refusal(django_rq.get_connection("render"))


def test_a_redis_that_keeps_everything_is_accepted(policy):
    policy("noeviction")

    assert redis_server.refusal(django_rq.get_connection("render")) is None


def test_a_redis_that_does_not_answer_is_refused():
    assert "Redis does not answer" in redis_server.refusal(redis.Redis(port=1))


def test_a_server_keeps_its_data_over_a_restart(tmp_path):
    for expected in (None, b"1"):
        server = redis_server.start(tmp_path / "run", tmp_path / "data")
        client = redis.Redis(unix_socket_path=str(redis_server.socket(tmp_path / "run")))
        assert client.get("ticket") == expected
        client.set("ticket", 1)
        server.terminate()
        server.wait(10)


def test_files_that_no_server_can_read_are_set_aside(tmp_path):
    folder = tmp_path / "data" / "appendonlydir"
    folder.mkdir(parents=True)
    (folder / "appendonly.aof.manifest").write_text("file appendonly.aof.1.base.rdb seq 1 type b\n")
    (folder / "appendonly.aof.1.base.rdb").write_bytes(b"REDIS9999")
    with pytest.raises(redis_server.RedisUnavailable):
        redis_server.start(tmp_path / "run", tmp_path / "data")

    assert "appendonlydir.unreadable" in redis_server.set_aside(tmp_path / "data")

    server = redis_server.start(tmp_path / "run", tmp_path / "data")
    server.terminate()
    server.wait(10)


def test_nothing_is_set_aside_where_nothing_is(tmp_path):
    assert redis_server.set_aside(tmp_path) is None


def test_only_the_owner_reaches_the_socket(tmp_path):
    redis_server.command(tmp_path / "run", tmp_path / "data")

    assert (tmp_path / "run").stat().st_mode & 0o077 == 0


def test_a_machine_without_redis_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(redis_server.shutil, "which", lambda name: None)
    monkeypatch.setattr(redis_server.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(redis_server.RedisUnavailable, match="No Redis server was found"):
        redis_server.binary()
