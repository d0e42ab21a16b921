"""docs/sizing.md and the overlay for a province say the same."""

import re

from tests.deploy.containers.kustomized import of_kind
from tests.house.sources import ROOT

ROWS = {
    name.replace("*", "").strip(): cells.split("|")[2]
    for name, cells in re.findall(
        r"^\| ([^|]+)\|(.+)\|$", (ROOT / "docs" / "sizing.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    if cells.count("|") == 2
}


def province(row: str) -> list[int]:
    """Give the figures of a row for thirty million, those in bold."""
    return [int(figure) for bold in re.findall(r"\*\*([^*]+)\*\*", ROWS[row]) for figure in re.findall(r"\d+", bold)]


def test_workers_partitions_and_disks_are_those_of_the_page() -> None:
    [scaled] = of_kind("province", "ScaledObject")
    [workers] = of_kind("province", "StatefulSet")
    [claim] = workers["spec"]["volumeClaimTemplates"]
    assert province("workers") == [scaled["spec"]["minReplicaCount"]]
    assert province("partitions, fixed for good") == [scaled["spec"]["maxReplicaCount"]]
    assert {each["spec"]["partitions"] for each in of_kind("province", "KafkaTopic")} == {
        *province("partitions, fixed for good"),
        1,
    }
    [gibibytes] = province("a worker's disk (twice its share at its largest)")
    assert claim["spec"]["resources"]["requests"]["storage"] == f"{gibibytes}Gi"


def test_brokers_are_those_of_the_page() -> None:
    [brokers] = [each["spec"] for each in of_kind("province", "KafkaNodePool") if each["spec"]["roles"] == ["broker"]]
    count, tebibytes = province("Kafka: brokers, disk each")
    assert brokers["replicas"] == count
    assert brokers["storage"]["size"] == f"{tebibytes}Ti"
