"""The rules: Prometheus takes them, each alert was seen to fire and to stay silent, and says what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.monitoring.anchors import DOCS, anchors, leads_somewhere
from tests.deploy.monitoring.names import alerts, rules, unknown
from tests.deploy.monitoring.tools import PROMETHEUS, STORIES, said

ALERTS = alerts()
WATCHDOG = "StreamAppWatchdog"  # fires always: that is what it is for
LINK = "{{ $externalLabels.docs }}/"


def checks() -> list[dict[str, Any]]:
    """Give what the unit tests check of alerts."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in STORIES]
    return [check for file in files for test in file["tests"] for check in test["alert_rule_test"]]


@pytest.mark.parametrize("config", sorted(PROMETHEUS.glob("*.yml")), ids=lambda path: path.stem)
def test_prometheus_takes_the_configuration_and_all_rules(config: Path) -> None:
    assert "SUCCESS" in said("promtool", "check", "config", config)


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_alerts_fire_and_stay_silent_as_their_stories_say(story: Path) -> None:
    said("promtool", "test", "rules", story)


@pytest.mark.slow
def test_a_story_that_says_another_thing_than_the_rules_is_told(tmp_path: Path) -> None:
    said("promtool", "--version")
    text = (PROMETHEUS / "tests" / "machine.yml").read_text(encoding="utf-8")
    spoilt = re.sub(r"(values: )2x400", r"\g<1>50x400", text.replace("../rules", str(PROMETHEUS / "rules")), count=1)
    assert spoilt.count("50x400") == 1
    (tmp_path / "spoilt.yml").write_text(spoilt, encoding="utf-8")
    with pytest.raises(AssertionError, match="StreamAppDiskFull"):
        said("promtool", "test", "rules", tmp_path / "spoilt.yml")


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_has_a_story_in_which_it_fires_and_one_in_which_it_stays_silent(alert: str) -> None:
    seen = {bool(check["exp_alerts"]) for check in checks() if check["alertname"] == alert}
    assert seen == ({True} if alert == WATCHDOG else {True, False})


def test_stories_are_of_alerts_that_there_are() -> None:
    assert {check["alertname"] for check in checks()} == ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_each_alert_says_how_bad_it_is_what_it_is_and_where_to_read_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in ({"none"} if alert == WATCHDOG else {"critical", "warning"})
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    assert rule["annotations"]["runbook_url"] == f"{LINK}alerts.md#{alert.lower()}"
    assert alert.lower() in anchors("alerts.md")


@pytest.mark.parametrize("alert", ALERTS)
def test_each_entry_of_the_page_says_the_same_severity(alert: str) -> None:
    page = (DOCS / "alerts.md").read_text(encoding="utf-8")
    found = re.search(rf"^### {alert}\n\n\*(\w+)(, by day)?\.\*", page, re.MULTILINE)
    assert found, "an entry begins with its severity"
    labels = ALERTS[alert]["labels"]
    assert (found[1], found[2] is not None) == (labels["severity"], labels.get("hours") == "office")


def test_the_page_has_no_entry_of_an_alert_that_is_gone() -> None:
    entries = re.findall(r"^### (\w+)$", (DOCS / "alerts.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(entries) == ALERTS.keys()


def test_where_the_page_sends_people_there_is_something() -> None:
    links = re.findall(r"\]\(([\w.-]+\.md(?:#[\w-]+)?)\)", (DOCS / "alerts.md").read_text(encoding="utf-8"))
    assert len(links) > len(ALERTS) / 2
    assert [link for link in links if not leads_somewhere(link)] == []


def test_rules_ask_for_nothing_that_nobody_exports() -> None:
    wrong = {rule.get("alert") or rule["record"]: unknown(rule["expr"]) for rule in rules()}
    assert {name: missing for name, missing in wrong.items() if missing} == {}


def test_a_metric_or_label_that_nobody_exports_is_told() -> None:
    assert unknown("rate(stream_app_events_totals[5m])") == {"stream_app_events_totals"}
    assert unknown('stream_app_events_total{reason="live"}') == {"stream_app_events_total{reason}"}
    assert unknown("stream_app_commit_seconds") == {"stream_app_commit_seconds"}
    assert unknown('up{job="worker"} and stream_app_lag_records{topic="x"}') == set()


def test_no_expression_names_a_subscriber() -> None:
    assert not any("subscriber_id" in rule["expr"] for rule in rules())
