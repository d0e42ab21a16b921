"""Putting entries and ticks on the topics of a replay, in order, with the positions that each tick has to wait for."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from stream_app.core.events import CLOCK_TOPIC, FEEDS, TOPIC_OF_TYPE, USAGE_TOPIC
from stream_app.replay.entries import Entry
from stream_app.wire.invalid import InvalidMessage
from stream_app.wire.ticks import encode_tick
from stream_app.worker.topics import LARGEST_RECORD_BYTES, Names

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH_BYTES = 256 << 10
SENT_ON_RECORDS = 5000  # workers that hold for ticks get something to do so often


class LineTooLong(Exception):
    """A line that no topic takes."""


def floor_milliseconds(at: datetime) -> int:
    """Give an instant as a Kafka timestamp, rounded down."""
    return (at - EPOCH) // timedelta(milliseconds=1)


class Feeder:
    """Sends to fresh topics: a partition's next offset is the number of records sent to it."""

    def __init__(self, producer: AIOKafkaProducer, names: Names, partitions: int, timestamp_ms: int) -> None:
        self._producer, self._names, self._timestamp_ms = producer, names, timestamp_ms
        self._numbers = list(range(partitions))
        self._pick = DefaultPartitioner()
        self.sent: dict[tuple[str, int], int] = defaultdict(int)
        self.ticks = 0
        self._batches: dict[tuple[str, int], BatchBuilder] = {}
        self._sending: list[asyncio.Future[object]] = []
        self._ticked_at = EPOCH  # the last tick's instant
        self._untold = 0  # records sent since the last tick
        self._kept = 0  # records since all was last sent on

    async def send(self, entry: Entry) -> None:
        """Send an entry to the topic of its type, keyed by its subscriber."""
        topic, key = _address(entry)
        await self.put(topic, key, entry.value, self._timestamp_ms)

    async def put(self, topic: str, key: bytes | None, value: bytes, timestamp_ms: int) -> None:
        """Send a record to the partition of its key; one without a key goes to the first."""
        partition = self._pick(key, self._numbers, self._numbers) if key is not None else self._numbers[0]
        await self._append(topic, partition, key, value, timestamp_ms)
        self._untold += 1
        self._kept += 1

    async def tick(self, at: datetime) -> None:
        """Send a tick to every partition, behind all that was sent so far."""
        await self._tick(at, still=False)
        self.ticks += 1

    async def release(self) -> None:
        """Let workers that hold for ticks work all that was sent: a tick that moves no clock. A flush has to follow."""
        if self._untold:
            await self._tick(self._ticked_at, still=True)

    async def send_on(self) -> None:
        """Now and then, send what is gathered and release it."""
        if self._kept >= SENT_ON_RECORDS:
            await self.release()
            await self._send_all()

    async def flush(self) -> None:
        """Have everything on the broker."""
        await self._send_all()
        sending, self._sending = self._sending, []
        await asyncio.gather(*sending)  # `flush` of the client says nothing of what failed

    async def _tick(self, at: datetime, *, still: bool) -> None:
        for partition in self._numbers:
            positions = {feed: self.sent[feed, partition] for feed in FEEDS}
            value = encode_tick(at, positions, still=still)
            await self._append(CLOCK_TOPIC, partition, None, value, floor_milliseconds(at))
        self._ticked_at, self._untold = at, 0

    async def _append(self, topic: str, partition: int, key: bytes | None, value: bytes, timestamp_ms: int) -> None:
        batch = self._batches.get((topic, partition))
        if batch is None or batch.append(key=key, value=value, timestamp=timestamp_ms) is None:
            if batch is not None:
                await self._send_batch(topic, partition)
            batch = self._batches[topic, partition] = self._producer.create_batch()
            batch.append(key=key, value=value, timestamp=timestamp_ms)  # the first of a batch fits, however long
            if batch.size() > LARGEST_RECORD_BYTES:
                message = (
                    f"a line of {len(value)} bytes is longer than any topic takes ({LARGEST_RECORD_BYTES}): "
                    "split it or leave it out"
                )
                raise LineTooLong(message)
        self.sent[topic, partition] += 1

    async def _send_all(self) -> None:
        self._kept = 0
        for topic, partition in list(self._batches):
            await self._send_batch(topic, partition)

    async def _send_batch(self, topic: str, partition: int) -> None:
        batch = self._batches.pop((topic, partition))
        self._sending.append(await self._producer.send_batch(batch, self._names.full(topic), partition=partition))


def _address(entry: Entry) -> tuple[str, bytes | None]:
    event = entry.event
    if not isinstance(event, InvalidMessage):
        return TOPIC_OF_TYPE[event.type], event.subscriber_id.encode()
    fields = _fields(entry.value)
    kind, subscriber_id = fields.get("type"), fields.get("subscriber_id")
    topic = TOPIC_OF_TYPE.get(kind, USAGE_TOPIC) if isinstance(kind, str) else USAGE_TOPIC
    key = subscriber_id.encode() if isinstance(subscriber_id, str) else None
    return USAGE_TOPIC if topic == CLOCK_TOPIC else topic, key


def _fields(value: bytes) -> Mapping[str, object]:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def topic_of(entry: Entry) -> str:
    """Name the feed that an entry goes to."""
    return _address(entry)[0]
