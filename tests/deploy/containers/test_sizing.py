"""docs/sizing.md and the overlays say the same, and the page's own figures follow from each other."""

import re

import pytest

from tests.deploy.containers.kustomized import of_kind
from tests.house.sources import ROOT

TEXT = (ROOT / "docs" / "sizing.md").read_text(encoding="utf-8")
COLUMNS = {
    name.replace("*", "").strip(): cells.split("|")
    for name, cells in re.findall(r"^\| ([^|]+)\|(.+)\|$", TEXT, re.MULTILINE)
    if cells.count("|") == 2
}
ROWS = {name: cells[2] for name, cells in COLUMNS.items()}
UNITS = {"G": 10**9, "T": 10**12}
COPIES = 3

each_size = pytest.mark.parametrize("column", range(3), ids=["1 million", "10 million", "30 million"])


def province(row: str) -> list[int]:
    """Give the figures of a row for thirty million, those in bold."""
    return [int(figure) for bold in re.findall(r"\*\*([^*]+)\*\*", ROWS[row]) for figure in re.findall(r"\d+", bold)]


def reckoned(name: str, unit: str) -> float:
    """Give a figure that is reckoned with, by how its row begins."""
    [value] = re.findall(rf"^\| {name}[^|]*\| ([\d,.]+) {unit}", TEXT, re.MULTILINE)
    return float(value.replace(",", ""))


def last_number(row: str, column: int) -> int:
    return int(COLUMNS[row][column].strip(" *").split(", ")[-1].replace(",", ""))


def kept_bytes(column: int) -> float:
    """Give what one copy of all topics takes after a year."""
    rows = ("feeds, 7 days, three copies: plain, lz4", "changelog on disk, three copies", "facts, a year, three copies")
    sizes = [re.findall(r"([\d.]+) ([GT])B", COLUMNS[row][column])[0] for row in rows]
    return sum(float(value) * UNITS[unit] for value, unit in sizes) / COPIES


def size_bytes(size: str) -> int:
    return int(size[:-2]) << {"Gi": 30, "Ti": 40}[size[-2:]]


@each_size
def test_the_workers_left_when_one_is_lost_take_the_peak(column: int) -> None:
    planned = reckoned("planned for one worker", "events/s")
    assert planned * reckoned("an event, as they come", "ms") / 1000 < 1  # a worker's interpreter has one core
    peak = last_number("events/s, average and peak", column)
    partitions = last_number("partitions, fixed for good", column)
    left = last_number("workers", column) - 1
    most_partitions = -(-partitions // left)
    assert peak / partitions * most_partitions <= planned


def test_workers_partitions_and_disks_are_those_of_the_page() -> None:
    [scaled] = of_kind("province", "ScaledObject")
    [workers] = of_kind("province", "StatefulSet")
    [claim] = workers["spec"]["volumeClaimTemplates"]
    assert province("workers") == [scaled["spec"]["minReplicaCount"]] == [scaled["spec"]["fallback"]["replicas"]]
    assert province("partitions, fixed for good") == [scaled["spec"]["maxReplicaCount"]]
    assert {each["spec"]["partitions"] for each in of_kind("province", "KafkaTopic")} == {
        *province("partitions, fixed for good"),
        1,
    }
    [gibibytes] = province("a worker's disk (twice its share at its largest)")
    assert claim["spec"]["resources"]["requests"]["storage"] == f"{gibibytes}Gi"


def test_a_worker_has_the_memory_of_the_page() -> None:
    [workers] = of_kind("province", "StatefulSet")
    [container] = workers["spec"]["template"]["spec"]["containers"]
    asked, limit = re.findall(r"(\d+) GiB", ROWS["a worker's memory: asked for, limit"])
    assert container["resources"]["requests"]["memory"] == f"{asked}Gi"
    assert container["resources"]["limits"]["memory"] == f"{limit}Gi"
    assert reckoned("memory of a worker", "MiB") < int(asked) << 10


def test_brokers_are_those_of_the_page() -> None:
    [brokers] = [each["spec"] for each in of_kind("province", "KafkaNodePool") if each["spec"]["roles"] == ["broker"]]
    count, tebibytes = province("Kafka: brokers, disk each")
    assert brokers["replicas"] == count
    assert brokers["storage"]["size"] == f"{tebibytes}Ti"


@pytest.mark.parametrize(("overlay", "column"), [("small", 0), ("province", 2)])
def test_what_is_kept_of_topics_fits_a_brokers_disk(overlay: str, column: int) -> None:
    [size] = {
        each["spec"]["storage"]["size"]
        for each in of_kind(overlay, "KafkaNodePool")
        if "broker" in each["spec"]["roles"]
    }
    assert kept_bytes(column) < 0.8 * size_bytes(size)  # each of three brokers has a copy of everything
