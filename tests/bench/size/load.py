"""A changelog of N subscribers, with the partitions' own rows and the group's offsets, as if a worker had made it.

Rule: one copy of each row, as compaction leaves them, in no order; feeds are empty and everything in them is worked.
"""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from confluent_kafka import Consumer, Producer, TopicPartition

from stream_app.core.state import Clock
from stream_app.wire.stored import PARTITION_KEY, PartitionRow, dump_partition
from stream_app.worker.topics import LANE_FEEDS, Names
from tests.bench.size.ids import partition_of, subscriber_id
from tests.bench.size.population import Standing
from tests.bench.size.rows import Template

BATCH_BYTES = 1_000_000  # as the worker's own
TELL_EVERY = 100_000
POLL_SECONDS = 0.05


class Target(NamedTuple):
    """Where a system is: its broker, its topics and their partition count."""

    bootstrap: str
    names: Names
    partitions: int


def load(target: Target, standing: Standing, subscribers: int, tell: Callable[[int], None]) -> int:
    """Write the changelog and commit the feeds' offsets; give the bytes of keys and rows."""
    heads: list[Counter[str]] = [Counter() for _ in range(target.partitions)]
    levels: list[Counter[int]] = [Counter() for _ in range(target.partitions)]
    chance, producer = Random(1), _producer(target.bootstrap)
    templates = [Template(tier, row) for tier, row in standing.rows]
    size_bytes = 0
    for number in range(subscribers):
        key = subscriber_id(number)
        partition, template = partition_of(key, target.partitions), chance.choice(templates)
        heads[partition][template.tier] += 1
        if template.level:
            levels[partition][template.level] += 1
        row = template.copy(chance)
        size_bytes += len(key) + len(row)
        _put(producer, target.names.changelog, partition, key, row)
        if number % TELL_EVERY == 0:
            tell(number)
    for partition, tallies in enumerate(zip(heads, levels, strict=True)):
        _put(producer, target.names.changelog, partition, PARTITION_KEY, _own_row(standing.clock, *tallies))
    producer.flush()
    _commit(target)
    return size_bytes


def _producer(bootstrap: str) -> Producer:
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "linger.ms": 100,
            "batch.size": BATCH_BYTES,
            "batch.num.messages": 1_000_000,
            "compression.type": "none",
            "error_cb": _fail,
        }
    )


def _fail(error: Any) -> None:
    message = f"the changelog could not be written: {error}"
    raise RuntimeError(message)


def _put(producer: Producer, topic: str, partition: int, key: bytes, value: bytes) -> None:
    while True:
        try:
            producer.produce(topic, value, key, partition)
        except BufferError:
            producer.poll(POLL_SECONDS)
        else:
            return


def _own_row(clock: Clock, heads: Counter[str], levels: Counter[int]) -> bytes:
    all_heads = dict.fromkeys(clock.heads, 0) | dict(heads)
    its = Clock(clock.at, clock.tick, [], clock.closings, all_heads, levels=dict(levels))
    return dump_partition(PartitionRow(its, dict.fromkeys(LANE_FEEDS, 0)))


def _commit(target: Target) -> None:
    consumer = Consumer({"bootstrap.servers": target.bootstrap, "group.id": target.names.app_id})
    offsets = [
        TopicPartition(target.names.full(feed), partition, 0)
        for feed in LANE_FEEDS
        for partition in range(target.partitions)
    ]
    consumer.commit(offsets=offsets, asynchronous=False)
    consumer.close()
