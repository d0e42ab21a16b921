"""docker-compose.yml: it parses, shows itself to this machine alone, and comes with no secret."""

import re
from typing import Any

import pytest
import yaml

from stream_app.settings import Settings
from tests.house.sources import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SECRET_NAME = re.compile(r"password|passwd|secret|token|credential|api_?key|private_?key", re.IGNORECASE)


def environment(service: dict[str, Any]) -> dict[str, str]:
    given = service.get("environment", {})
    return given if isinstance(given, dict) else dict(pair.split("=", 1) for pair in given)


def test_there_are_a_kafka_the_topics_and_two_workers() -> None:
    assert {"kafka", "topics", "worker-1", "worker-2"} <= COMPOSE["services"].keys()


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_is_published_on_the_loopback_address_only(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in COMPOSE["services"][name].get("ports", []))


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_has_no_default_secret(name: str) -> None:
    secrets = {key: value for key, value in environment(COMPOSE["services"][name]).items() if SECRET_NAME.search(key)}
    assert all(str(value).startswith("${") and ":-" not in str(value) for value in secrets.values())


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_that_stays_has_a_health_check(name: str) -> None:
    service = COMPOSE["services"][name]
    assert "healthcheck" in service or service.get("restart") == "no"


@pytest.mark.parametrize("name", ["topics", "worker-1", "worker-2"])
def test_a_service_sets_only_what_there_is_to_set(name: str) -> None:
    known = {f"STREAM_APP_{field.upper()}" for field in Settings.model_fields}
    assert environment(COMPOSE["services"][name]).keys() <= known


def test_the_kafka_is_the_one_that_the_tests_run() -> None:
    assert COMPOSE["services"]["kafka"]["image"] == "apache/kafka:4.1.1"
