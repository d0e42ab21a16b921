"""The clock: the group's leader writes a tick to every partition, the feeds' ends read after its time was fixed."""

import logging
from datetime import UTC, datetime
from typing import Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream_app.core.events import CLOCK_TOPIC, FEEDS
from stream_app.security.kafka import kafka_at
from stream_app.wire.ticks import encode_tick
from stream_app.worker.topics import Names

log = logging.getLogger(__name__)


class Ticker:
    """Writes ticks; any worker can, the leader does. Two do no harm: a tick not later than the clock is ignored."""

    def __init__(self, bootstrap: str, names: Names, partitions: int) -> None:
        self._bootstrap, self._names, self._partitions = bootstrap, names, partitions

    async def __aenter__(self) -> Self:
        """Connect."""
        given = kafka_at(self._bootstrap)
        self._consumer = AIOKafkaConsumer(isolation_level="read_committed", enable_auto_commit=False, **given)
        self._producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **given)
        await self._consumer.start()
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._consumer.stop()
        await self._producer.stop()

    async def tick(self) -> datetime:
        """Write a tick for now to every partition, and give its instant."""
        at = datetime.now(UTC)  # fixed first: what is appended from here on may come after the tick
        feeds = {
            TopicPartition(self._names.full(feed), partition): feed
            for feed in FEEDS
            for partition in range(self._partitions)
        }
        policies = TopicPartition(self._names.policies, 0)
        ends = await self._consumer.end_offsets([*feeds, policies])
        clock = self._names.full(CLOCK_TOPIC)
        for partition in range(self._partitions):
            positions = {feed: ends[tp] for tp, feed in feeds.items() if tp.partition == partition}
            value = encode_tick(at, positions, ends[policies])
            await self._producer.send(clock, value, partition=partition, timestamp_ms=int(at.timestamp() * 1000))
        await self._producer.flush()
        return at
