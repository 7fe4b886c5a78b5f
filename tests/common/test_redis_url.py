from pathlib import Path

from visionary.common import redis_url


def test_one_address_gives_three_databases():
    assert redis_url.three("redis://box:6379", "", Path("/x"), 0) == (
        "redis://box:6379/0",
        "redis://box:6379/1",
        "redis://box:6379/2",
    )


def test_a_cache_server_of_its_own_is_used_for_the_cache_only():
    queue, cache, channels = redis_url.three("redis://queue:6379", "redis://cache:6379", Path("/x"), 0)

    assert (queue, cache, channels) == ("redis://queue:6379/0", "redis://cache:6379/0", "redis://queue:6379/2")


def test_a_data_folder_too_deep_for_a_socket_gets_one_in_the_temporary_folder():
    assert redis_url.run_dir(Path("/srv/site")) == Path("/srv/site/run")
    assert len(str(redis_url.run_dir(Path("/" + "deep/" * 40)) / "redis.sock")) < 100


def test_the_bundled_server_is_reached_by_its_socket():
    queue, cache, channels = redis_url.three("", "", Path("/x/run"), 0)

    assert queue == "unix:///x/run/redis.sock?db=0"
    assert cache == "unix:///x/run/redis.sock?db=1"
    assert channels == "unix:///x/run/redis.sock?db=2"
