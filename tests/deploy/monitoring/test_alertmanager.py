"""Who is told: Alertmanager takes the file, routes go by severity, no secret stands in it."""

import re
from typing import Any

import pytest
import yaml

from tests.deploy.monitoring.names import alerts
from tests.deploy.monitoring.tools import ALERTMANAGER, said

FILE = ALERTMANAGER / "alertmanager.yml"
CONFIG: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
ALERTS = alerts()
SECRET = re.compile(r"password|secret|token|api_key|credentials|routing_key|service_key|api_url")


def told(**labels: str) -> list[str]:
    """Name who is told of an alert with these labels."""
    words = [f"{name}={value}" for name, value in labels.items()]
    return said("amtool", "config", "routes", "test", f"--config.file={FILE}", *words).strip().split(",")


def test_alertmanager_takes_the_file() -> None:
    assert "SUCCESS" in said("amtool", "check-config", FILE)


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({"severity": "critical"}, ["on-call"]),
        ({"severity": "critical", "hours": "office"}, ["on-call", "mail"]),
        ({"severity": "warning"}, ["mail"]),
        ({}, ["mail"]),
        ({"alertname": "StreamAppWatchdog", "severity": "none"}, ["watchdog"]),
    ],
    ids=["critical", "critical-by-day", "warning", "none", "watchdog"],
)
def test_routes_go_by_severity(labels: dict[str, str], receivers: list[str]) -> None:
    assert told(**labels) == receivers


def test_only_what_is_critical_calls_somebody() -> None:
    kinds = {tuple(sorted(rule["labels"].items())) for rule in ALERTS.values()}
    assert len(kinds) == 4
    for kind in kinds:
        assert ("on-call" in told(**dict(kind))) == (dict(kind)["severity"] == "critical")


def test_routes_look_at_nothing_but_what_the_rules_say_themselves() -> None:
    matched = {re.split(r"\W", each)[0] for route in CONFIG["route"]["routes"] for each in route["matchers"]}
    assert matched == {"severity", "hours", "alertname"}
    assert CONFIG["route"]["routes"][0]["matchers"] == ["alertname = StreamAppWatchdog"]
    assert all("alertname" not in str(route["matchers"]) for route in CONFIG["route"]["routes"][1:])


def test_what_is_critical_of_the_desk_calls_by_day_alone() -> None:
    called = [route for route in CONFIG["route"]["routes"] if route["receiver"] == "on-call"]
    assert [route.get("active_time_intervals") for route in called] == [["office"], None]
    assert called[0]["continue"]
    assert {interval["name"] for interval in CONFIG["time_intervals"]} == {"office"}
    assert {ALERTS[each]["labels"].get("hours") for each in ALERTS if "Desk" not in each} == {None}


def test_secrets_are_files() -> None:
    found = set(_keys(CONFIG))
    assert {key for key in found if SECRET.search(key)} == {"smtp_auth_password_file", "credentials_file"}


def test_what_carries_a_secret_goes_out_encrypted() -> None:
    hooks = [hook for receiver in CONFIG["receivers"] for hook in receiver.get("webhook_configs", [])]
    assert hooks
    assert all(hook["url"].startswith("https://") for hook in hooks)
    assert CONFIG["global"]["smtp_require_tls"]


def test_partitions_that_nobody_holds_are_paged_once() -> None:
    [rule] = [each for each in CONFIG["inhibit_rules"] if "StreamAppPartitionsUnheld" in str(each["source_matchers"])]
    [names] = re.findall(r'"(.+)"', rule["target_matchers"][0])
    for name in ("StreamAppFreshnessBurnsFast", "StreamAppFreshnessBurns", "StreamAppClockStopped"):
        assert re.fullmatch(names, name)


def test_what_inhibits_and_what_is_inhibited_are_alerts_that_there_are() -> None:
    for rule in CONFIG["inhibit_rules"]:
        matchers = [*rule["source_matchers"], *rule["target_matchers"]]
        names = [name for each in matchers for name in re.findall(r"StreamApp\w+", each)]
        assert names
        assert set(names) <= ALERTS.keys()


def test_what_inhibits_is_at_least_as_bad_as_what_it_inhibits_but_for_its_own_effects() -> None:
    for rule in CONFIG["inhibit_rules"]:
        source = {
            ALERTS[name]["labels"]["severity"] for name in re.findall(r"StreamApp\w+", str(rule["source_matchers"]))
        }
        assert source == {"critical"}


def _keys(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [*tree, *(key for value in tree.values() for key in _keys(value))]
    return [key for value in tree for key in _keys(value)] if isinstance(tree, list) else []
