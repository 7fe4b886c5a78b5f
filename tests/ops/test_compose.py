import yaml

from visionary.env import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_every_service_depends_on_services_and_volumes_that_exist():
    services = COMPOSE["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= set(COMPOSE["volumes"])


def test_the_queue_never_evicts_and_the_cache_does():
    assert "noeviction" in COMPOSE["services"]["queue"]["command"]
    assert "allkeys-lru" in COMPOSE["services"]["cache"]["command"]


def test_secrets_have_no_default():
    environment = COMPOSE["services"]["site"]["environment"]

    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${DATABASE_PASSWORD:?" in environment["DATABASE_URL"]
