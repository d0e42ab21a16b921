"""The benchmark's own dealings with Kafka, by a client that no lane is built on."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

from tests.shared.reading import messages

PARTITIONS = 4
REQUEST_SECONDS = 30.0
NOT_YET = frozenset({KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS})
QUIET: Mapping[str, int] = {"log_level": 2}  # a broker that stops is no news here
# The same for every contender. Members that start together join together, as Kafka's own default has it.
BROKER: Mapping[str, str] = {"group.initial.rebalance.delay.ms": "3000"}


class Record(NamedTuple):
    """What is read of a record."""

    key: bytes
    value: bytes | None


class Cluster:
    """A broker's topics."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient({"bootstrap.servers": bootstrap, **QUIET})
        self._groups: dict[str, Consumer] = {}

    def make(self, *topics: str, **config: str) -> None:
        """Make topics and wait until they are there."""
        wanted = [NewTopic(topic, PARTITIONS, 1, config=config) for topic in topics]
        for made in self._admin.create_topics(wanted).values():
            made.result()
        wait_for(lambda: self._leaders(topics) == PARTITIONS * len(topics), f"leaders of {', '.join(topics)}")

    def _leaders(self, topics: Collection[str]) -> int:
        """Count the partitions of topics that have a leader; a worker that starts sooner would not see them all."""
        known = self._admin.list_topics(timeout=REQUEST_SECONDS).topics
        return sum(found.leader >= 0 for name in topics if name in known for found in known[name].partitions.values())

    def topics(self, prefix: str) -> list[str]:
        """Name the topics that begin so."""
        return [name for name in self._admin.list_topics(timeout=REQUEST_SECONDS).topics if name.startswith(prefix)]

    def drop(self, prefix: str) -> None:
        """Delete the topics that begin so."""
        if gone := self.topics(prefix):
            for deleted in self._admin.delete_topics(gone).values():
                deleted.result()
            wait_for(lambda: not self.topics(prefix), f"the end of {', '.join(gone)}")

    def has(self, topic: str) -> bool:
        """Tell whether there is such a topic."""
        return topic in self._admin.list_topics(timeout=REQUEST_SECONDS).topics

    def load(self, topic: str, records: Iterable[tuple[str, bytes]], on_progress: Callable[[int], None]) -> None:
        """Append records, each to the partition of its key as Kafka's default partitioner has it."""
        producer = bulk_producer(self.bootstrap)
        for number, (key, value) in enumerate(records):
            put(producer, topic, key, value)
            if number % 250_000 == 0:
                on_progress(number)
        producer.flush()

    def committed(self, group: str, topic: str) -> int:
        """Sum the next offsets that a group has committed; on a topic that was only ever loaded, records worked."""
        return sum(self.offsets(group, topic))

    def offsets(self, group: str, topic: str) -> list[int]:
        """Give the next offset that a group has committed of each partition, 0 for none."""
        consumer = self._groups.setdefault(
            group, Consumer({"bootstrap.servers": self.bootstrap, "group.id": group, **QUIET})
        )
        tps = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        try:
            return [max(0, tp.offset) for tp in consumer.committed(tps, timeout=REQUEST_SECONDS)]
        except KafkaException as refusal:
            if refusal.args[0].code() in NOT_YET:  # the broker is still making its topic of groups
                return [0] * PARTITIONS
            raise

    def members(self, group: str) -> int:
        """Count the members of a group that have partitions."""
        try:
            described = self._admin.describe_consumer_groups([group])[group].result()
        except KafkaException as refusal:
            if refusal.args[0].code() in NOT_YET:
                return 0
            raise
        return sum(bool(member.assignment.topic_partitions) for member in described.members)

    def forget_groups(self) -> None:
        """Close what watches groups."""
        for consumer in self._groups.values():
            consumer.close()
        self._groups.clear()

    def ends(self, topic: str) -> dict[int, int]:
        """Give the next offset of each partition."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "bench-reader", **QUIET})
        try:
            return {
                partition: consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=REQUEST_SECONDS)[1]
                for partition in range(PARTITIONS)
            }
        finally:
            consumer.close()

    def read(self, topic: str, begins: Mapping[int, int] | None = None) -> Iterator[Record]:
        """Read a topic to its end as it stands, committed records only."""
        for message in self.messages(topic, begins):
            yield Record(message.key() or b"", message.value())

    def messages(self, topic: str, begins: Mapping[int, int] | None = None) -> Iterator[Message]:
        """Read a topic to its end as it stands, with all that a record has."""
        return messages(self.bootstrap, topic, PARTITIONS, begins)


def bulk_producer(bootstrap: str) -> Producer:
    """Make a producer for loading: large batches, one writer."""
    return Producer(
        {
            **QUIET,
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": 20,
            "batch.size": 512 << 10,
            "queue.buffering.max.messages": 500_000,
        }
    )


def put(producer: Producer, topic: str, key: str | None, value: bytes, partition: int = -1) -> None:
    """Append a record, waiting while the producer is full."""
    while True:
        try:
            producer.produce(topic, value, key, partition)
        except BufferError:
            producer.poll(0.1)
        else:
            return


def wait_for(condition: Callable[[], bool], what: str, bound_seconds: float = 600.0) -> None:
    """Wait for a condition; raises TimeoutError."""
    until = time.monotonic() + bound_seconds
    while not condition():
        if time.monotonic() > until:
            message = f"waited {bound_seconds} s in vain for {what}"
            raise TimeoutError(message)
        time.sleep(0.02)
