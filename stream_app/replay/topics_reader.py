"""Reading topics whole, as a read-committed consumer sees them."""

from collections.abc import AsyncIterator, Sequence
from typing import Self

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from stream_app.security.kafka import kafka_at

POLL_MILLISECONDS = 200


class TopicReader:
    """Reads given topics from where it stands to their last stable offsets, again and again."""

    def __init__(self, bootstrap: str, topics: Sequence[str], partitions: int, *, only: int | None = None) -> None:
        self._consumer = AIOKafkaConsumer(
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=8 << 20,
            fetch_max_bytes=32 << 20,
            **kafka_at(bootstrap),
        )
        self._tps = [
            TopicPartition(topic, partition)
            for topic in topics
            for partition in (range(partitions) if only is None else [only])
        ]
        self._positions: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._consumer.start()
        self._positions = dict(await self._consumer.beginning_offsets(self._tps))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def new_records(self) -> AsyncIterator[ConsumerRecord]:
        """Give the records committed since the last call."""
        ends = await self._consumer.end_offsets(self._tps)
        todo = {tp for tp in self._tps if self._positions[tp] < ends[tp]}
        if not todo:
            return
        self._consumer.assign(list(todo))
        for tp in todo:
            self._consumer.seek(tp, self._positions[tp])
        while todo:
            found = await self._consumer.getmany(*todo, timeout_ms=POLL_MILLISECONDS)
            for records in found.values():
                for record in records:
                    yield record
            for tp in list(todo):
                self._positions[tp] = await self._consumer.position(tp)
                if self._positions[tp] >= ends[tp]:
                    todo.discard(tp)
