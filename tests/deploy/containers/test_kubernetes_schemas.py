"""Every object fits its schema: Kubernetes' own, KEDA's and Prometheus' operators'; Strimzi's, by its own classes."""

import copy
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.deploy.containers.kustomized import OVERLAYS, Object, objects, of_kind
from tests.deploy.containers.tools import fetched, installed
from tests.house.sources import ROOT

STRIMZI: Final = "kafka.strimzi.io/"
JAVA: Final = ROOT / "tests" / "deploy" / "containers" / "strimzi" / "StrimziObjects.java"

overlays = pytest.mark.parametrize("overlay", OVERLAYS)


def schema_file(each: Object) -> Path:
    group, _, version = each["apiVersion"].rpartition("/")
    if "." in group and not group.endswith(".k8s.io"):
        return fetched("schemas") / f"{group}-{version}-{each['kind']}.json"
    name = "-".join(filter(None, [each["kind"].lower(), group.partition(".")[0], version]))
    return fetched("schemas/kubernetes") / f"{name}.json"


@cache
def validator(path: Path) -> Draft202012Validator:
    definitions = (fetched("schemas/kubernetes") / "_definitions.json").read_text(encoding="utf-8")
    shared = Resource.from_contents(json.loads(definitions))
    registry: Registry[Any] = shared @ Registry()
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")), registry=registry)


def faults(each: Object) -> Iterator[str]:
    for fault in validator(schema_file(each)).iter_errors(dict(each)):
        yield f"{each['kind']}/{each['metadata']['name']}: {fault.json_path}: {fault.message[:200]}"


def strimzi_faults(given: list[Object]) -> list[str]:
    jars = fetched("strimzi")
    command = [installed("java"), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jars}/*", str(JAVA)]
    said = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    return said.stdout.splitlines()


def all_of(overlay: str, *, strimzi: bool) -> list[Object]:
    return [each for each in objects(overlay) if each["apiVersion"].startswith(STRIMZI) == strimzi]


def broken(overlay: str, kind: str, path: str, value: object) -> Object:
    """Give an object of a kind with a value put at a path; keys and indices have dots between."""
    found: Any = copy.deepcopy(dict(of_kind(overlay, kind)[0]))
    at, steps = found, [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = value
    return found  # type: ignore[no-any-return]


@overlays
def test_an_object_fits_its_schema(overlay: str) -> None:
    assert [fault for each in all_of(overlay, strimzi=False) for fault in faults(each)] == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("StatefulSet", "spec.replica", 3),
        ("StatefulSet", "spec.template.spec.containers.0.resources.limit", {}),
        ("Deployment", "spec.strategy.type", 1),
        ("Job", "spec.backoffLimit", "often"),
        ("NetworkPolicy", "spec.policyType", ["Ingress"]),
        ("PodDisruptionBudget", "spec.maxUnavailable", [1]),
        ("ScaledObject", "spec.minReplicas", 2),
        ("ScaledObject", "spec.pollingInterval", "now and then"),
        ("TriggerAuthentication", "spec.secretRefs", []),
        ("PodMonitor", "spec.podMetricsEndpoints.0.intervall", "15s"),
        ("PrometheusRule", "spec.groups.0.rule", []),
        ("ConfigMap", "data", ["a", "list"]),
    ],
)
def test_an_object_that_does_not_fit_is_told(kind: str, path: str, value: object) -> None:
    assert list(faults(broken("province", kind, path, value)))


@pytest.mark.slow
def test_strimzi_knows_every_word_of_its_objects() -> None:
    given = [each for overlay in OVERLAYS for each in all_of(overlay, strimzi=True)]
    assert len(given) > len(OVERLAYS)
    assert strimzi_faults(given) == []


@pytest.mark.slow
def test_strimzi_objects_that_do_not_fit_are_told_one_by_one() -> None:
    given = [
        broken("province", "Kafka", "spec.kafka.listeners.0.authentication.type", "scram"),
        broken("province", "Kafka", "spec.kafka.listener", []),
        broken("province", "KafkaNodePool", "spec.roles", ["brokers"]),
        broken("province", "KafkaTopic", "spec.partitions", "many"),
        broken("province", "KafkaUser", "spec.authorization.acls.0.operations", ["Fly"]),
        broken("province", "KafkaUser", "apiVersion", "kafka.strimzi.io/v1beta2"),
    ]
    assert len(strimzi_faults(given)) == len(given)
