"""The topics: their names, how they are made, and whether they are as the worker needs them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from stream_app.core.events import CLOCK_TOPIC, FEEDS
from stream_app.core.facts import FACT_TOPICS
from stream_app.security.kafka import kafka_at
from stream_app.security.refusals import may_not_see, why_unreachable

DEAD_LETTER_TOPIC = "dead-letters"
POLICIES_TOPIC = "policies"  # one partition: its offsets are the order that every worker knows the versions in
TABLE = "subscribers"
LEADERS_SECONDS, LOOK_SECONDS = 30.0, 0.05
DAY_MILLISECONDS = 24 * 3600 * 1000
SIZE_SETTING = "max.message.bytes"  # of a batch as it was compressed
# A third to two fifths less to keep and to read again. Level 1 costs the broker 4 us a row of 1 KB, level 3 10.
CHANGELOG_COMPRESSION = {"compression.type": "zstd", "compression.zstd.level": "1"}
# Kafka's gigabyte and half would do, but a restore reads all that is not compacted yet, and the last segment never is.
CHANGELOG_COMPACTION = {"segment.bytes": str(128 << 20), "min.cleanable.dirty.ratio": "0.3"}
SAFE_COPIES, SAFE_IN_SYNC = 3, 2  # with so many copies, what is acknowledged is on two brokers
LARGEST_RECORD_BYTES = 2 << 20  # a dead letter is the record as it came, with headers: more than a broker's default
LETTER_HEADERS_BYTES = 64 << 10  # far more than why and from where ever take

LANE_FEEDS = (*FEEDS, CLOCK_TOPIC)
OUTPUTS = (*FACT_TOPICS, DEAD_LETTER_TOPIC)


class TopicError(Exception):
    """The topics cannot be used as they are; the message says what to do."""


class Names(NamedTuple):
    """Topic names under a prefix."""

    prefix: str
    app_id: str

    def full(self, topic: str) -> str:
        """Give a topic's name on the broker."""
        return self.prefix + topic

    def plain(self, name: str) -> str:
        """Give the contract's name of a topic on the broker."""
        return name.removeprefix(self.prefix)

    @property
    def changelog(self) -> str:
        """Name the table's changelog, as Faust does."""
        return f"{self.app_id}-{TABLE}-changelog"

    @property
    def policies(self) -> str:
        """Name the topic that policies are published on."""
        return self.full(POLICIES_TOPIC)

    @property
    def all(self) -> tuple[str, ...]:
        """Name every topic the worker needs."""
        return (*map(self.full, (*LANE_FEEDS, *OUTPUTS)), self.changelog, self.policies)


def configs(names: Names, *, keep_for_ever: bool) -> Mapping[str, dict[str, str]]:
    """Give each topic's settings; feeds of a replay are kept for ever, whatever their records' timestamps say."""
    feed = (
        {"retention.ms": "-1", "message.timestamp.after.max.ms": str(2**63 - 1)}
        if keep_for_ever
        else {"retention.ms": str(7 * DAY_MILLISECONDS)}
    )
    return {
        **{names.full(topic): {**feed, SIZE_SETTING: str(LARGEST_RECORD_BYTES)} for topic in LANE_FEEDS},
        **{names.full(topic): {"retention.ms": "-1"} for topic in FACT_TOPICS},
        names.full(DEAD_LETTER_TOPIC): {"retention.ms": "-1", SIZE_SETTING: str(2 * LARGEST_RECORD_BYTES)},
        names.changelog: {
            "cleanup.policy": "compact",
            SIZE_SETTING: str(LARGEST_RECORD_BYTES),
            **CHANGELOG_COMPRESSION,
            **CHANGELOG_COMPACTION,
        },
        names.policies: {"cleanup.policy": "compact"},  # keyed by version: nothing is ever lost
    }


def new_topics(
    names: Names, missing: Iterable[str], partitions: int, replication: int, *, keep_for_ever: bool
) -> list[NewTopic]:
    """Say how missing topics are to be made: policies with one partition, copies that count where there are copies."""
    wanted = configs(names, keep_for_ever=keep_for_ever)
    safe = {"min.insync.replicas": str(SAFE_IN_SYNC)} if replication >= SAFE_COPIES else {}
    return [
        NewTopic(name, 1 if name == names.policies else partitions, replication, topic_configs={**wanted[name], **safe})
        for name in missing
    ]


async def connect(bootstrap: str) -> AIOKafkaAdminClient:
    """Reach the brokers; raises TopicError."""
    admin = AIOKafkaAdminClient(request_timeout_ms=15_000, **kafka_at(bootstrap))
    try:
        await admin.start()
    except (KafkaConnectionError, KafkaError, OSError) as refusal:
        await admin.close()
        raise TopicError(await _no_broker(bootstrap, refusal)) from None
    return admin


async def create(
    bootstrap: str, names: Names, partitions: int, replication: int, *, keep_for_ever: bool = False
) -> Sequence[str]:
    """Make the topics that are missing; give their names. Raises TopicError."""
    admin = await connect(bootstrap)
    try:
        existing = set(await admin.list_topics())
        missing = [name for name in names.all if name not in existing]
        wanted = new_topics(names, missing, partitions, replication, keep_for_ever=keep_for_ever)
        made = await admin.create_topics(wanted) if wanted else None
        _raise_refusals(made)
        await _await_leaders(admin, names)
    finally:
        await admin.close()
    return missing


async def partition_count(bootstrap: str, names: Names) -> int:
    """Check the topics; give the partition count that they share. Raises TopicError, saying what to do."""
    admin = await connect(bootstrap)
    try:
        counts = await _counts(admin, names)
        settings = await _settings(admin, counts)
    finally:
        await admin.close()
    missing = [name for name in names.all if name not in counts]
    if missing:
        message = (
            f"topics are missing at {bootstrap}: {', '.join(missing)}. "
            f"Make them with: stream-app topics create --bootstrap {bootstrap}{may_not_see()}"
        )
        raise TopicError(message)
    if counts.pop(names.policies) != 1:
        message = f"topic {names.policies} must have one partition, so that all workers read it in the same order"
        raise TopicError(message)
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        message = (
            "all topics must have the same number of partitions, since a subscriber's records must meet in one; "
            f"they have: {listed}"
        )
        raise TopicError(message)
    for topic, holds in ((names.changelog, "the state"), (names.policies, "every policy version")):
        _check_compacted(topic, holds, settings[topic])
    _check_letters_fit(names, settings)
    return counts[names.changelog]


async def delete(bootstrap: str, names: Names) -> None:
    """Delete all topics under a prefix; those of a replay, when it is over."""
    admin = await connect(bootstrap)
    try:
        existing = set(await admin.list_topics())
        await admin.delete_topics([name for name in names.all if name in existing])
    finally:
        await admin.close()


async def _no_broker(bootstrap: str, refusal: Exception) -> str:
    why = await why_unreachable(bootstrap)
    return (
        f"no Kafka broker answers at {bootstrap} ({why or refusal}): "
        "start one, or give its address with --bootstrap or STREAM_APP_BOOTSTRAP"
    )


async def _await_leaders(admin: AIOKafkaAdminClient, names: Names) -> None:
    """Wait until every partition has a leader: a client that comes sooner is refused and waits for longer."""
    async with asyncio.timeout(LEADERS_SECONDS):
        while True:
            described = await admin.describe_topics(list(names.all))
            if all(
                not topic["error_code"] and all(part["leader"] >= 0 for part in topic["partitions"])
                for topic in described
            ):
                return
            await asyncio.sleep(LOOK_SECONDS)


async def _counts(admin: AIOKafkaAdminClient, names: Names) -> dict[str, int]:
    wanted = set(names.all)
    existing = [name for name in await admin.list_topics() if name in wanted]
    described = await admin.describe_topics(existing) if existing else []
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


Settings = Mapping[str, str]


async def _settings(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> Mapping[str, Settings]:
    """Read the topics' settings, those that come from the broker's defaults among them."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    found: list[Any] = await admin.describe_configs(asked) if asked else []
    return {
        resource[3]: {entry[0]: str(entry[1]) for entry in resource[4]}
        for response in found
        for resource in response.resources
    }


def _check_compacted(topic: str, holds: str, own: Settings) -> None:
    policies = own.get("cleanup.policy", "compact")
    if "compact" not in policies or "delete" in policies:
        message = (
            f"topic {topic} holds {holds} and must have cleanup.policy=compact alone, it has {policies!r}: "
            "records would be lost"
        )
        raise TopicError(message)


def _check_letters_fit(names: Names, settings: Mapping[str, Settings]) -> None:
    """A record that a feed takes and dead-letters does not would end every worker that comes to it."""
    letters = names.full(DEAD_LETTER_TOPIC)
    most_bytes = int(settings[letters].get(SIZE_SETTING, 2 * LARGEST_RECORD_BYTES))
    for feed in map(names.full, LANE_FEEDS):
        needed_bytes = int(settings[feed].get(SIZE_SETTING, 0)) + LETTER_HEADERS_BYTES
        if needed_bytes > most_bytes:
            message = (
                f"topic {letters} takes {most_bytes} bytes, {feed} so many that a rejected record would need "
                f"{needed_bytes} there, to be kept whole with why it was rejected: raise {SIZE_SETTING} of {letters} "
                f"(kafka-configs.sh --alter --topic {letters} --add-config {SIZE_SETTING}={needed_bytes}), "
                f"or lower that of {feed}"
            )
            raise TopicError(message)


def _raise_refusals(made: Any) -> None:
    for refused in made.topic_errors if made is not None else ():
        name, code, *more = refused
        if code not in {0, TopicAlreadyExistsError.errno}:
            words = " ".join([for_code(code).__name__, *(str(word) for word in more if word)])
            message = f"topic {name} could not be made: {words}"
            raise TopicError(message)
