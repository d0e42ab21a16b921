"""Copying the feeds and policies of one cluster to another, whose topics may have more partitions.

Rule: a record goes to the partition of its key, as its sender would have put it there, with its bytes, headers and
timestamp; one subscriber's records of a feed keep their order. How far it came is kept as the offsets of a group on the
source, committed after the other cluster has the records: a copy that was cut off goes on, and may repeat some, which
the workers drop by their event_id. Ticks are not copied: they name offsets of the old feeds. What the source deleted
before it was copied is told, not passed over: states made of the rest alone would be wrong.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from stream_app.core.events import FEEDS
from stream_app.security.kafka import kafka_at
from stream_app.worker.topics import LARGEST_RECORD_BYTES, POLICIES_TOPIC, Names

GROUP = "copy"
POLL_MILLISECONDS, RECORDS_AT_ONCE = 500, 5000


class Side(NamedTuple):
    """A cluster, with the names and the number of partitions there."""

    bootstrap: str
    names: Names
    partitions: int


class RecordsGone(Exception):
    """The source deleted records before they were copied; the message says where."""


async def copy(
    source: Side, target: Side, hear: Callable[[int], None], *, what_is_left: bool = False
) -> dict[str, int]:  # fmt: skip
    """Copy what is on the source now and not copied yet; give the records by topic.

    `hear` is told how many are copied so far. Raises RecordsGone, unless what is left is wanted.
    """
    consumer = AIOKafkaConsumer(
        group_id=f"{source.names.app_id}-{GROUP}", enable_auto_commit=False, isolation_level="read_committed",
        auto_offset_reset="none", max_partition_fetch_bytes=4 << 20, **kafka_at(source.bootstrap),
    )  # fmt: skip
    producer = AIOKafkaProducer(
        acks="all", enable_idempotence=True, max_request_size=2 * LARGEST_RECORD_BYTES, linger_ms=5,
        **kafka_at(target.bootstrap),
    )  # fmt: skip
    await consumer.start()
    await producer.start()
    try:
        return await Copying(source, target, consumer, producer).run(hear, what_is_left=what_is_left)
    finally:
        await producer.stop()
        await consumer.stop()


class Copying:
    """One run of a copy."""

    def __init__(self, source: Side, target: Side, consumer: AIOKafkaConsumer, producer: AIOKafkaProducer) -> None:
        self._source, self._target, self._consumer, self._producer = source, target, consumer, producer
        self._copied: dict[str, int] = dict.fromkeys((*FEEDS, POLICIES_TOPIC), 0)

    async def run(self, hear: Callable[[int], None], *, what_is_left: bool = False) -> dict[str, int]:
        """Copy up to where the source ends at the call; raises RecordsGone."""
        ends = await self._take_up(what_is_left=what_is_left)
        while not await self._reached(ends):
            try:
                found = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=RECORDS_AT_ONCE)
            except OffsetOutOfRangeError as refusal:
                raise _gone({tp: (offset, None) for tp, offset in refusal.args[0].items()}) from None
            for records in found.values():
                await asyncio.gather(*[await self._send(record) for record in records])
            if found:
                await self._consumer.commit()
                hear(sum(self._copied.values()))
        return self._copied

    async def _take_up(self, *, what_is_left: bool) -> dict[TopicPartition, int]:
        counts = {**dict.fromkeys(FEEDS, self._source.partitions), POLICIES_TOPIC: 1}
        tps = [
            TopicPartition(self._source.names.full(topic), number)
            for topic, count in counts.items()
            for number in range(count)
        ]
        self._consumer.assign(tps)
        begins = await self._consumer.beginning_offsets(tps)
        copied = {tp: await self._consumer.committed(tp) or 0 for tp in tps}
        missing = {tp: (copied[tp], begins[tp]) for tp in tps if begins[tp] > copied[tp]}
        if missing and not what_is_left:
            raise _gone(missing)
        for tp in tps:
            self._consumer.seek(tp, max(begins[tp], copied[tp]))
        return dict(await self._consumer.end_offsets(tps))

    async def _reached(self, ends: dict[TopicPartition, int]) -> bool:
        positions = await asyncio.gather(*(self._consumer.position(tp) for tp in ends))
        return all(at >= end for at, end in zip(positions, ends.values(), strict=True))

    async def _send(self, record: ConsumerRecord) -> asyncio.Future[object]:
        topic = self._source.names.plain(record.topic)
        self._copied[topic] += 1
        sending: asyncio.Future[object] = await self._producer.send(
            self._target.names.full(topic), record.value, record.key, timestamp_ms=record.timestamp,
            headers=list(record.headers),
        )  # fmt: skip
        return sending


def _gone(missing: Mapping[TopicPartition, tuple[int, int | None]]) -> RecordsGone:
    """Word it: by partition, up to where it was copied, and where it begins now."""
    places = ", ".join(
        f"{tp.topic}:{tp.partition} from {copied}" + ("" if begin is None else f" to {begin}")
        for tp, (copied, begin) in sorted(missing.items())
    )
    return RecordsGone(f"the source deleted records before they were copied: {places}")
