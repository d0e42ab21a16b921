"""What each part may do on Kafka, and no more: one source of the ACLs, for Kafka's own tool and for Strimzi.

Rule: a part has only what it fails without, which `tests/security` tries on a real broker with these very grants.
"""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from stream_app.core.events import BILLING_TOPIC, CLOCK_TOPIC, FEEDS, RESULTS_TOPIC, SUBSCRIBER_TOPIC, USAGE_TOPIC
from stream_app.core.facts import FACT_TOPICS
from stream_app.worker.topics import DEAD_LETTER_TOPIC, LANE_FEEDS, OUTPUTS, TABLE, Names

Resource = Literal["topic", "group", "transactionalId"]
Pattern = Literal["literal", "prefixed"]
LOOK = ("Describe", "DescribeConfigs")  # the check of the topics, at every start
OPTION = {"topic": "--topic", "group": "--group", "transactionalId": "--transactional-id"}


class Grant(NamedTuple):
    """Operations on one resource, or on those whose names begin so."""

    resource: Resource
    name: str
    pattern: Pattern
    operations: tuple[str, ...]


def worker(names: Names, _group: str) -> list[Grant]:
    """Let a worker read feeds, ticks, policies and its own state, and write all that comes of them."""
    reads = [*map(names.full, LANE_FEEDS), names.changelog, names.policies]
    writes = [names.full(CLOCK_TOPIC), *map(names.full, OUTPUTS), names.changelog, names.policies]
    return [
        *_topics(names.all, *LOOK),
        *_topics(reads, "Read"),
        *_topics(writes, "Write"),
        Grant("group", names.app_id, "literal", ("Read",)),
        Grant("transactionalId", f"{names.app_id}-{TABLE}-", "prefixed", ("Write",)),
    ]


def desk(names: Names, _group: str) -> list[Grant]:
    """Let the desk read facts, what it shows of the feeds, and dead letters, and write results and find them again."""
    reads = [*FACT_TOPICS, SUBSCRIBER_TOPIC, BILLING_TOPIC, RESULTS_TOPIC, CLOCK_TOPIC, DEAD_LETTER_TOPIC]
    return [
        *_topics(names.all, *LOOK),
        *_topics([*map(names.full, reads), names.policies], "Read"),
        *_topics([names.full(RESULTS_TOPIC)], "Write"),
        Grant("group", _letters(names), "prefixed", ("Describe",)),
    ]


def letters(names: Names, _group: str) -> list[Grant]:
    """Let who has it send dead letters back: for the desk, where its operations page is to do that."""
    return [
        *_topics(names.all, *LOOK),
        *_topics([names.full(DEAD_LETTER_TOPIC)], "Read"),
        *_topics(map(names.full, LANE_FEEDS), "Write"),
        Grant("group", _letters(names), "prefixed", ("Read",)),
        Grant("transactionalId", f"{names.app_id}-dead-letter-replay", "literal", ("Write",)),
    ]


def publisher(names: Names, _group: str) -> list[Grant]:
    """Let the billing system write its feeds; it reads nothing."""
    feeds = [feed for feed in FEEDS if feed != RESULTS_TOPIC]
    return _topics(map(names.full, feeds), "Write")


def simulator(names: Names, _group: str) -> list[Grant]:
    """Let a simulated billing system (`stream-app feed`) write the feeds, and look whether the topics are as needed."""
    return [*_topics(names.all, *LOOK), *publisher(names, _group)]


def reader(names: Names, group: str) -> list[Grant]:
    """Let another system read the facts, in groups whose names begin as given."""
    return [*_topics(map(names.full, FACT_TOPICS), "Read"), Grant("group", group, "prefixed", ("Read",))]


def operator(names: Names, _group: str) -> list[Grant]:
    """Let the command line make and check topics, publish policies, ask why, send dead letters back, move the group."""
    reads = [*map(names.full, (*LANE_FEEDS, *OUTPUTS)), names.changelog, names.policies]
    return [
        *_topics(names.all, "Create", "AlterConfigs", *LOOK),
        *_topics(reads, "Read"),
        *_topics([names.policies, *map(names.full, LANE_FEEDS)], "Write"),
        *(Grant("group", name, "literal", ("Read",)) for name in (names.app_id, f"{names.app_id}-copy")),
        Grant("group", _letters(names), "prefixed", ("Read",)),
        Grant("transactionalId", f"{names.app_id}-dead-letter-replay", "literal", ("Write",)),
    ]


def scaler(names: Names, _group: str) -> list[Grant]:
    """Let KEDA see how far the workers' group is behind on the feed that is nearly all of what they read."""
    return [
        *_topics([names.full(USAGE_TOPIC)], "Describe"),
        Grant("group", names.app_id, "literal", ("Describe",)),
    ]


PARTS: Mapping[str, Callable[[Names, str], list[Grant]]] = {
    "worker": worker,
    "desk": desk,
    "letters": letters,
    "publisher": publisher,
    "simulator": simulator,
    "reader": reader,
    "operator": operator,
    "scaler": scaler,
}


def grants(part: str, names: Names, group: str = "") -> list[Grant]:
    """Give what a part may do, one entry for a resource, in the order of their names."""
    found: dict[tuple[Resource, str, Pattern], list[str]] = {}
    for resource, name, pattern, operations in PARTS[part](names, group):
        found.setdefault((resource, name, pattern), []).extend(operations)
    return [Grant(*place, tuple(sorted(set(operations)))) for place, operations in sorted(found.items())]


def kafka_acls(given: Iterable[Grant], principal: str, bootstrap: str) -> list[str]:
    """Write grants as commands of Kafka's own tool, one for all resources with the same operations."""

    def alike(grant: Grant) -> tuple[str, ...]:
        return (grant.resource, grant.pattern, *grant.operations)

    head = ["kafka-acls.sh", "--bootstrap-server", bootstrap, "--command-config", "admin.properties"]
    return [
        shlex.join([*head, "--add", "--allow-principal", principal, *_words(list(each))])
        for _, each in groupby(sorted(given, key=alike), key=alike)
    ]


def strimzi(given: Iterable[Grant]) -> list[dict[str, object]]:
    """Write grants as the `spec.authorization.acls` of a Strimzi KafkaUser."""
    return [
        {
            "resource": {"type": grant.resource, "name": grant.name, "patternType": _strimzi_pattern(grant.pattern)},
            "operations": list(grant.operations),
        }
        for grant in given
    ]


def _strimzi_pattern(pattern: Pattern) -> str:
    return {"literal": "literal", "prefixed": "prefix"}[pattern]


def _words(alike: Sequence[Grant]) -> list[str]:
    first = alike[0]
    operations = [word for operation in first.operations for word in ("--operation", operation)]
    resources = [word for grant in alike for word in (OPTION[grant.resource], grant.name)]
    pattern = ["--resource-pattern-type", first.pattern] if first.pattern != "literal" else []
    return [*operations, *resources, *pattern]


def _topics(names: Iterable[str], *operations: str) -> list[Grant]:
    return [Grant("topic", name, "literal", operations) for name in names]


def _letters(names: Names) -> str:
    """Begin the names of the groups that remember which dead letters were sent back."""
    return f"{names.app_id}-dead-letters-"
