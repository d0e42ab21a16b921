"""The outbox: what the desk has to say on Kafka was written with what made it, and is published from there, in order.

Rule: a record is marked as sent after the broker took it. Who dies in between sends it again, and the engine drops what
it has seen: the `event_id` is the same (CONTRACTS section 3).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from aiokafka.errors import KafkaError
from sqlalchemy import func, select, update

from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import OutboxRecord
from stream_app.worker.topics import Names

log = logging.getLogger(__name__)

AT_ONCE = 500
LOOK_SECONDS, AGAIN_SECONDS = 0.2, 1.0
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Waiting(NamedTuple):
    """A record that waits to be published."""

    record_no: int
    topic: str
    key: str
    value: str
    made_at: datetime


class Producer(Protocol):
    """What the outbox needs of AIOKafkaProducer: idempotent, with acks=all."""

    async def send(self, topic: str, value: bytes, *, key: bytes, timestamp_ms: int) -> Awaitable[object]:
        """Hand a record over; what is given back is done once the broker has it."""
        ...


class Outbox:
    """Publishes what waits; `connect` gives a producer, a new one after each failure."""

    def __init__(self, desk: Desk, names: Names, connect: Callable[[], AbstractAsyncContextManager[Producer]]) -> None:
        self._desk, self._names, self._connect = desk, names, connect

    async def run(self, hear: Callable[[int], None]) -> None:
        """Publish what comes until cancelled, telling how many went out; while no broker answers, try again."""
        while True:
            try:
                async with self._connect() as producer:
                    await self._run(producer, hear)
            except KafkaError as refusal:
                log.warning("what waits in the outbox cannot be published (%r): trying again", refusal)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _run(self, producer: Producer, hear: Callable[[int], None]) -> None:
        while True:
            sent = await self.publish(producer)
            if sent:
                hear(sent)
            if sent < AT_ONCE:
                await asyncio.sleep(LOOK_SECONDS)

    async def publish(self, producer: Producer) -> int:
        """Publish what waits, up to so many; give their number."""
        found = await asyncio.to_thread(waiting, self._desk)
        if not found:
            return 0
        acks = [await self._send(producer, each) for each in found]
        await asyncio.gather(*acks)
        await asyncio.to_thread(_mark, self._desk, [each.record_no for each in found])
        return len(found)

    async def _send(self, producer: Producer, each: Waiting) -> Awaitable[object]:
        # Its Kafka timestamp is when it was made: on the demo's clock that is ahead of the machine's (CONTRACTS 5).
        timestamp_ms = (each.made_at - EPOCH) // timedelta(milliseconds=1)
        topic = self._names.full(each.topic)
        return await producer.send(topic, each.value.encode(), key=each.key.encode(), timestamp_ms=timestamp_ms)


def waiting(desk: Desk) -> list[Waiting]:
    """Read the first records that are not sent, in their order."""
    record = OutboxRecord
    wanted = select(record.record_no, record.topic, record.key, record.value, record.made_at)
    with reading(desk.engine) as connection:
        rows = connection.execute(wanted.where(record.sent_at.is_(None)).order_by(record.record_no).limit(AT_ONCE))
        return [Waiting(*row) for row in rows]


def count_waiting(desk: Desk) -> int:
    """Count the records that are not sent."""
    with reading(desk.engine) as connection:
        wanted = select(func.count()).select_from(OutboxRecord).where(OutboxRecord.sent_at.is_(None))
        return connection.execute(wanted).scalar_one()


def _mark(desk: Desk, numbers: Sequence[int]) -> None:
    with writing(desk.engine) as connection:
        sent = update(OutboxRecord).where(OutboxRecord.record_no.in_(numbers)).values(sent_at=desk.now())
        connection.execute(sent)
