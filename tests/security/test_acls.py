"""What each part is granted, and how it is written; that it is enough, and no more, is tried on a real broker."""

import shlex

import pytest
import yaml
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourceType

from stream_app.core.events import FEEDS
from stream_app.core.facts import FACT_TOPICS
from stream_app.security.acls import PARTS, Grant, grants, kafka_acls, strimzi
from stream_app.worker.topics import Names
from tests.security.parts import bindings, run

NAMES = Names("", "stream-app")
PREFIXED = Names("north.", "north")


def topics_to(operation: str, part: str, names: Names = NAMES) -> set[str]:
    return {grant.name for grant in grants(part, names) if grant.resource == "topic" and operation in grant.operations}


def test_the_worker_alone_writes_facts_and_states() -> None:
    for topic in (*FACT_TOPICS, NAMES.changelog):
        assert [part for part in PARTS if topic in topics_to("Write", part)] == ["worker"]


def test_the_worker_writes_no_feed() -> None:
    assert topics_to("Write", "worker").isdisjoint(FEEDS)


def test_only_who_must_may_read_the_state() -> None:
    assert [part for part in PARTS if NAMES.changelog in topics_to("Read", part)] == ["worker", "operator"]


def test_nobody_may_delete_anything_or_change_acls() -> None:
    given = {operation for part in PARTS for grant in grants(part, NAMES, "crm-") for operation in grant.operations}
    assert given == {"Read", "Write", "Create", "Describe", "DescribeConfigs", "AlterConfigs"}


@pytest.mark.parametrize("part", PARTS)
def test_names_follow_prefix_and_app_id(part: str) -> None:
    assert all(grant.name.startswith("north") for grant in grants(part, PREFIXED, "north-crm-"))


def test_a_reader_without_a_group_is_not_granted_all_groups() -> None:
    refused = run("topics", "acls", "reader", "--principal", "User:crm")
    assert (refused.exit_code, "--group" in refused.output) == (2, True)
    assert run("topics", "acls", "desk", "--principal", "User:desk", "--group", "x").exit_code == 2


@pytest.mark.parametrize("part", PARTS)
def test_the_commands_grant_what_the_grants_say(part: str) -> None:
    given = grants(part, NAMES, "crm-")
    lines = kafka_acls(given, "User:x y", "broker:9093")
    made = {
        (ResourceType(each.restype).name, each.name, AclOperation(each.operation).name)
        for line in lines
        for each in bindings(line)
    }
    wanted = {(grant.resource, grant.name, operation) for grant in given for operation in grant.operations}
    assert {tuple(word.replace("_", "").lower() for word in each) for each in made} == {
        tuple(word.replace("_", "").lower() for word in each) for each in wanted
    }
    assert all(shlex.split(line)[shlex.split(line).index("--allow-principal") + 1] == "User:x y" for line in lines)


def test_a_grant_is_written_for_strimzi() -> None:
    given = [Grant("transactionalId", "stream-app-", "prefixed", ("Write",))]
    assert strimzi(given) == [
        {
            "resource": {"type": "transactionalId", "name": "stream-app-", "patternType": "prefix"},
            "operations": ["Write"],
        }
    ]


def test_the_command_prints_yaml_for_strimzi() -> None:
    printed = run("topics", "acls", "worker", "--principal", "User:worker", "--format", "strimzi").output
    assert yaml.safe_load(printed) == strimzi(grants("worker", NAMES))
