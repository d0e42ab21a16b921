"""The Kubernetes objects: they run what there is, as little as possible is allowed, and what they name is there."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stream_app.worker.topics import Names, configs
from tests.deploy.containers.kustomized import (
    FOLDER,
    OVERLAYS,
    built,
    environment,
    objects,
    of_kind,
    ours,
    picks,
    templates,
)
from tests.deploy.containers.words import refusal, take_settings

WITH_KAFKA = ("small", "province")
OF_ELSEWHERE = {"stream-app-desk-database"}  # made by hand, as docs/deploy.md says
NAMES = Names("", "stream-app")
OPERATOR = "stream-app-operator"

overlays = pytest.mark.parametrize("overlay", OVERLAYS)
with_kafka = pytest.mark.parametrize("overlay", WITH_KAFKA)


def copied(to: Path) -> Path:
    """Copy what the overlays are made of, to change it."""
    for folder in ("kubernetes", "grafana"):
        shutil.copytree(FOLDER.parent / folder, to / folder)
    return to / FOLDER.name


def secrets_named(part: Any) -> Iterator[str]:
    """Find the names of secrets, wherever objects have them."""
    if isinstance(part, list):
        for each in part:
            yield from secrets_named(each)
    elif isinstance(part, dict):
        for key, value in part.items():
            if key in {"secret", "secretKeyRef"}:
                yield value.get("name") or value["secretName"]
            elif key == "secretTargetRef":
                yield from (each["name"] for each in value)
            yield from secrets_named(value)


@overlays
def test_a_container_is_started_with_words_that_there_are(overlay: str) -> None:
    refused = {name: refusal(container["args"]) for name, _, container in ours(overlay) if name != OPERATOR}
    assert refused
    assert {name: why for name, why in refused.items() if why} == {}


@overlays
def test_a_container_sets_only_what_there_is_to_set(overlay: str) -> None:
    for name, _, container in ours(overlay):
        take_settings(environment(overlay, container), is_desk="desk" in name or name == OPERATOR)


@overlays
def test_our_pods_get_no_variables_that_they_would_refuse(overlay: str) -> None:
    assert [
        name for name, template, _ in ours(overlay) if template["spec"].get("enableServiceLinks") is not False
    ] == []


@overlays
def test_a_pod_runs_with_as_little_as_it_can(overlay: str) -> None:
    for name, template in templates(overlay):
        pod, [container] = template["spec"], template["spec"]["containers"]
        own, shared = container["securityContext"], pod["securityContext"]
        assert shared["runAsNonRoot"], name
        assert shared["runAsUser"] > 0, name
        assert shared["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert own["readOnlyRootFilesystem"], name
        assert own["allowPrivilegeEscalation"] is False, name
        assert own["capabilities"] == {"drop": ["ALL"]}, name
        assert pod["automountServiceAccountToken"] is False, name
        assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, name
        assert container["resources"]["limits"]["memory"], name


@overlays
def test_whatever_stays_is_asked_whether_it_lives_and_is_ready(overlay: str) -> None:
    for each in of_kind(overlay, "StatefulSet", "Deployment"):
        if each["metadata"]["name"] == OPERATOR:
            continue
        [container] = each["spec"]["template"]["spec"]["containers"]
        assert container.keys() >= {"startupProbe", "livenessProbe", "readinessProbe"}, each["metadata"]["name"]


@overlays
def test_no_secret_stands_in_an_object(overlay: str) -> None:
    assert of_kind(overlay, "Secret") == []
    for _, _, container in ours(overlay):
        shown = [variable for variable in container.get("env", []) if "PASSWORD" in variable["name"]]
        assert all("secretKeyRef" in variable["valueFrom"] for variable in shown)


@with_kafka
def test_a_secret_that_is_named_is_made_by_strimzi_or_by_hand(overlay: str) -> None:
    made = {each["metadata"]["name"] for each in of_kind(overlay, "KafkaUser")}
    made |= {f"{each['metadata']['name']}-cluster-ca-cert" for each in of_kind(overlay, "Kafka")}
    assert set(secrets_named(list(objects(overlay)))) <= made | OF_ELSEWHERE


@overlays
def test_whoever_a_client_says_it_is_has_the_password_mounted(overlay: str) -> None:
    for name, template, container in ours(overlay):
        user = environment(overlay, container).get("STREAM_APP_KAFKA_SASL_USERNAME")
        if user is not None:
            assert user in set(secrets_named(template)), name


@overlays
def test_nobody_is_reached_but_by_a_policy(overlay: str) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in of_kind(overlay, "NetworkPolicy")}
    deny = policies["stream-app-deny-all"]
    assert deny.keys() == {"podSelector", "policyTypes"}  # no exception
    assert set(deny["policyTypes"]) == {"Ingress", "Egress"}
    for name, template in templates(overlay):
        assert picks(deny["podSelector"], template["metadata"]["labels"]), name


@overlays
def test_what_is_selected_is_there(overlay: str) -> None:
    labels = [template["metadata"]["labels"] for _, template in templates(overlay)]
    selectors = {
        f"{each['kind']}/{each['metadata']['name']}": each["spec"].get("podSelector") or each["spec"]["selector"]
        for each in of_kind(overlay, "NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "StatefulSet", "Deployment")
    }
    services = {
        f"Service/{each['metadata']['name']}": {"matchLabels": each["spec"]["selector"]}
        for each in of_kind(overlay, "Service")
    }
    missed = [name for name, by in (selectors | services).items() if not any(picks(by, those) for those in labels)]
    assert missed == []


@overlays
def test_the_desk_is_one_and_ends_before_the_next_begins(overlay: str) -> None:
    [desk] = [each for each in of_kind(overlay, "Deployment") if each["metadata"]["name"] == "stream-app-desk"]
    assert desk["spec"]["replicas"] == 1
    assert desk["spec"]["strategy"] == {"type": "Recreate"}


@overlays
def test_an_operator_has_a_pod_when_it_is_asked_for_with_an_operators_rights_and_the_desks_database(
    overlay: str,
) -> None:
    [found] = [each for each in of_kind(overlay, "Deployment") if each["metadata"]["name"] == OPERATOR]
    template = found["spec"]["template"]
    [container] = template["spec"]["containers"]
    assert (found["spec"]["replicas"], container["command"]) == (0, ["sleep", "infinity"])
    variables = environment(overlay, container)
    assert variables["STREAM_APP_KAFKA_SASL_USERNAME"] == OPERATOR
    [desk] = [container for name, _, container in ours(overlay) if name == "stream-app-desk"]
    own = "STREAM_APP_DESK_DATABASE_URL"
    assert variables[own] == environment(overlay, desk)[own]
    assert set(secrets_named(template)) == {OPERATOR, "stream-app-desk-database", "stream-app-cluster-ca-cert"}


@overlays
def test_whoever_has_a_kafka_user_may_go_to_kafka_and_whoever_has_the_database_there(overlay: str) -> None:
    policies = {each["metadata"]["name"]: each["spec"]["podSelector"] for each in of_kind(overlay, "NetworkPolicy")}
    [listeners] = [each["spec"]["kafka"]["listeners"] for each in of_kind(overlay, "Kafka")] or [[]]
    peers = [peer["podSelector"] for each in listeners for peer in each["networkPolicyPeers"] if "podSelector" in peer]
    for name, template, container in ours(overlay):
        labels, variables = template["metadata"]["labels"], environment(overlay, container)
        if "STREAM_APP_KAFKA_SASL_USERNAME" in variables:
            assert picks(policies["stream-app-to-kafka"], labels), name
            assert not listeners or any(picks(peer, labels) for peer in peers), name
        if "STREAM_APP_DESK_DATABASE_URL" in variables:
            assert picks(policies["stream-app-to-postgres"], labels), name


@overlays
def test_each_worker_has_a_folder_a_name_and_a_budget(overlay: str) -> None:
    [workers] = [each for each in of_kind(overlay, "StatefulSet") if each["metadata"]["name"] == "stream-app-worker"]
    [container] = workers["spec"]["template"]["spec"]["containers"]
    folders = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert [claim["metadata"]["name"] for claim in workers["spec"]["volumeClaimTemplates"]] == ["data"]
    assert folders["data"] == "/var/lib/stream-app"
    found = environment(overlay, container)
    assert found["STREAM_APP_INSTANCE_ID"] == "pod-0"
    assert found["STREAM_APP_WEB_ADVERTISED_HOST"] == "pod-0.stream-app-worker"
    assert of_kind(overlay, "PodDisruptionBudget")


@with_kafka
def test_the_topics_are_those_that_the_workers_ask_for(overlay: str) -> None:
    topics = {each["metadata"]["name"]: each["spec"] for each in of_kind(overlay, "KafkaTopic")}
    wanted = configs(NAMES, keep_for_ever=False)
    assert topics.keys() == set(NAMES.all)
    assert topics.pop(NAMES.policies)["partitions"] == 1
    assert len({spec["partitions"] for spec in topics.values()}) == 1
    for name, spec in topics.items():
        assert wanted[name].items() <= {key: str(value) for key, value in spec["config"].items()}.items()


@with_kafka
def test_a_topic_has_as_many_copies_as_brokers_can_keep(overlay: str) -> None:
    brokers = sum(
        each["spec"]["replicas"] for each in of_kind(overlay, "KafkaNodePool") if "broker" in each["spec"]["roles"]
    )
    [kafka] = of_kind(overlay, "Kafka")
    settings = kafka["spec"]["kafka"]["config"]
    copies = {each["spec"]["replicas"] for each in of_kind(overlay, "KafkaTopic")}
    copies |= {value for key, value in settings.items() if key.endswith("replication.factor")}
    assert copies == {min(brokers, 3)}
    assert settings["min.insync.replicas"] < max(brokers, 2)


@with_kafka
def test_there_are_no_more_workers_than_partitions(overlay: str) -> None:
    partitions = {each["spec"]["partitions"] for each in of_kind(overlay, "KafkaTopic")} - {1}
    scaled = of_kind(overlay, "ScaledObject")
    [workers] = [each for each in of_kind(overlay, "StatefulSet") if each["metadata"]["name"] == "stream-app-worker"]
    most = {each["spec"]["maxReplicaCount"] for each in scaled} or {workers["spec"]["replicas"]}
    assert max(most) <= max(partitions)
    assert all(each["spec"]["minReplicaCount"] == workers["spec"]["replicas"] for each in scaled)


def test_a_scaler_reads_the_group_and_the_topic_of_the_workers() -> None:
    [scaled] = of_kind("province", "ScaledObject")
    [trigger] = scaled["spec"]["triggers"]
    assert trigger["metadata"]["consumerGroup"] == NAMES.app_id
    assert trigger["metadata"]["topic"] in NAMES.all
    assert trigger["metadata"]["allowIdleConsumers"] == "false"


def test_a_scaler_which_is_in_another_namespace_finds_the_kafka_in_ours() -> None:
    [scaled] = of_kind("province", "ScaledObject")
    [kafka] = of_kind("province", "Kafka")
    host, _, port = scaled["spec"]["triggers"][0]["metadata"]["bootstrapServers"].partition(":")
    assert host == f"{kafka['metadata']['name']}-kafka-bootstrap.{scaled['metadata']['namespace']}.svc"
    assert int(port) in {listener["port"] for listener in kafka["spec"]["kafka"]["listeners"]}


@pytest.mark.parametrize("overlay", ["small", "province", "existing-kafka"])
def test_the_image_of_an_overlay_is_that_of_each_pod_of_ours(overlay: str, tmp_path: Path) -> None:
    place = copied(tmp_path) / overlay / "kustomization.yaml"
    text = place.read_text(encoding="utf-8").replace("registry.example.com/stream-app", "hub.example/a/stream-app")
    place.write_text(text.replace("newTag: 0.1.0", "newTag: 9.8.7"), encoding="utf-8")
    images = [
        container["image"]
        for each in built(place.parent)
        if each["kind"] in {"StatefulSet", "Deployment", "Job"}
        for container in each["spec"]["template"]["spec"]["containers"]
        if "stream-app" in container["image"]
    ]
    assert images == ["hub.example/a/stream-app:9.8.7"] * len(list(ours(overlay)))


def test_channels_are_mounted_where_the_desk_is_told_they_are(tmp_path: Path) -> None:
    place = copied(tmp_path) / "existing-kafka" / "kustomization.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "components:\n  - ../channels\n", encoding="utf-8")
    found = built(place.parent)
    [file] = [
        each["data"]["STREAM_APP_DESK_CHANNELS"]
        for each in found
        if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("stream-app-desk-")
    ]
    for each in found:
        if each["kind"] == "Deployment":
            pod = each["spec"]["template"]["spec"]
            mounts = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
            volumes = {volume["name"]: volume for volume in pod["volumes"]}
            assert volumes[mounts[str(Path(file).parent)]]["secret"]["secretName"] == "stream-app-desk-channels"


@with_kafka
def test_a_topic_is_not_deleted_with_its_object(overlay: str) -> None:
    [kafka] = of_kind(overlay, "Kafka")
    assert kafka["spec"]["kafka"]["config"]["delete.topic.enable"] is False


def test_brokers_and_controllers_are_each_on_a_machine_of_its_own() -> None:
    for pool in of_kind("province", "KafkaNodePool"):
        [rule] = pool["spec"]["template"]["pod"]["affinity"]["podAntiAffinity"][
            "requiredDuringSchedulingIgnoredDuringExecution"
        ]
        assert rule["topologyKey"] == "kubernetes.io/hostname"
        assert rule["labelSelector"]["matchLabels"]["strimzi.io/pool-name"] == pool["metadata"]["name"]


def test_workers_of_a_province_are_spread_over_machines_and_zones() -> None:
    [workers] = of_kind("province", "StatefulSet")
    spread = workers["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {each["topologyKey"] for each in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
