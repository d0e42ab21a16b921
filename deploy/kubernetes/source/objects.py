"""Kubernetes objects that follow from the code: Kafka's topics and users for Strimzi, the rules for Prometheus.

Rule: nothing is said here that another file says already; each object names where it comes from by being made of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from stream_app.security.acls import Grant, grants, strimzi
from stream_app.worker.topics import Names, configs

NAMES: Final = Names("", "stream-app")
CLUSTER: Final = {"strimzi.io/cluster": "stream-app"}
PARTITIONED: Final = {"stream-app/partitioned": "true"}  # an overlay sets the count of all of these at once
PARTITIONS, REPLICAS = 4, 3
PARTS: Final = ("worker", "desk", "publisher", "operator", "scaler")

Object = Mapping[str, Any]


def topics() -> Iterator[Object]:
    """Give every topic with the settings that `stream-app topics create` would give it."""
    wanted = configs(NAMES, keep_for_ever=False)
    for name in sorted(NAMES.all):
        is_ordered = name == NAMES.policies  # its offsets are the order of the versions
        yield {
            "apiVersion": "kafka.strimzi.io/v1",
            "kind": "KafkaTopic",
            "metadata": {"name": name, "labels": CLUSTER | ({} if is_ordered else PARTITIONED)},
            "spec": {
                "partitions": 1 if is_ordered else PARTITIONS,
                "replicas": REPLICAS,
                "config": {key: _typed(value) for key, value in sorted(wanted[name].items())},
            },
        }


def users() -> Iterator[Object]:
    """Give a user for each part, who may do what `stream_app.security.acls` says."""
    for part in PARTS:
        yield _user(f"stream-app-{part}", grants(part, NAMES))


def rules(folder: Path) -> Iterator[Object]:
    """Give the rules of Prometheus, a file an object, as its operator takes them."""
    for path in sorted(folder.glob("*.yml")):
        yield {
            "apiVersion": "monitoring.coreos.com/v1",
            "kind": "PrometheusRule",
            "metadata": {"name": f"stream-app-{path.stem}"},
            "spec": yaml.safe_load(path.read_text(encoding="utf-8")),
        }


def _user(name: str, given: Iterable[Grant]) -> Object:
    return {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaUser",
        "metadata": {"name": name, "labels": CLUSTER},
        "spec": {
            "authentication": {"type": "scram-sha-512"},
            "authorization": {"type": "simple", "acls": strimzi(given)},
        },
    }


def _typed(text: str) -> int | str:
    return int(text) if text.removeprefix("-").isdigit() else text
