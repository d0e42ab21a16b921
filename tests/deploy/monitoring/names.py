"""Which metrics an expression names, and with which labels; and which there are."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from stream_app.console.catalogue import CATALOGUE as OF_THE_DESK
from stream_app.worker.catalogue import CATALOGUE as OF_A_WORKER
from stream_app.worker.catalogue import PREFIX, PROCESS, Definition
from tests.deploy.monitoring.tools import RULES

OF_PROMETHEUS: Mapping[str, frozenset[str]] = {
    "up": frozenset({"job", "instance"}),
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    "prometheus_notifications_dropped_total": frozenset({"job", "instance"}),
}
OF_ALERTMANAGER = {"alertmanager_notifications_failed_total": frozenset({"job", "instance", "integration", "reason"})}
OF_KUBERNETES = {"kube_pod_container_status_restarts_total": frozenset({"namespace", "pod", "container"})}
OF_A_TARGET = frozenset({"job", "instance"})
NAME = re.compile(r"\b(?:stream_app|process_|prometheus_|alertmanager_|kube_)[\w:]*|\bup\b|\bALERTS\b")
CHOSEN = re.compile(r"([\w:]+)\{([^}]*)\}")
LABEL = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")


@cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """Give all rules, those that record and those that alert."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in RULES]
    return tuple(rule for file in files for group in file["groups"] for rule in group["rules"])


def alerts() -> dict[str, Mapping[str, Any]]:
    """Give the alerts by name."""
    found = [rule for rule in rules() if "alert" in rule]
    names = [rule["alert"] for rule in found]
    assert len(names) == len(set(names))
    return dict(zip(names, found, strict=True))


@cache
def known() -> dict[str, frozenset[str] | None]:
    """Name all series that there are, each with its labels; None for what a rule records."""
    found: dict[str, frozenset[str] | None] = {**OF_PROMETHEUS, **OF_ALERTMANAGER, **OF_KUBERNETES}
    for entry in (*OF_A_WORKER, *OF_THE_DESK):
        found |= _series(PREFIX, entry)
    for entry in PROCESS:
        found |= _series("", entry)
    return found | {rule["record"]: None for rule in rules() if "record" in rule}


def _series(prefix: str, entry: Definition) -> dict[str, frozenset[str]]:
    labels = frozenset(entry.labels) | OF_A_TARGET
    if entry.kind != "histogram":
        return {prefix + entry.name: labels}
    parts = {"_bucket": labels | {"le"}, "_sum": labels, "_count": labels}
    return {f"{prefix}{entry.name}{part}": its for part, its in parts.items()}


def named(expr: str) -> set[str]:
    """Name the metrics of an expression."""
    return set(NAME.findall(_without_texts(expr)))


def chosen_by(expr: str) -> set[tuple[str, str]]:
    """Name the labels that an expression chooses series by, each with its metric."""
    return {(name, label) for name, inside in CHOSEN.findall(expr) for label in LABEL.findall(inside)}


def unknown(expr: str) -> set[str]:
    """Name what an expression asks for and nobody exports."""
    there = known()
    missing = named(expr) - there.keys()
    for name, label in chosen_by(expr):
        labels = there.get(name)
        if labels is not None and label not in labels:
            missing.add(f"{name}{{{label}}}")
    return missing


def _without_texts(expr: str) -> str:
    return re.sub(r'"[^"]*"', '""', expr)
