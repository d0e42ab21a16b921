"""What time it is at the desk: the machine's, or that of the latest tick of the stream (the demo's clock)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.core.events import CLOCK_TOPIC
from stream_app.core.months import BillingCalendar
from stream_app.security.kafka import kafka_at
from stream_app.wire.decode import Decoder
from stream_app.wire.invalid import InvalidMessage
from stream_app.worker.topics import Names

POLL_MILLISECONDS, LOOK_SECONDS = 200, 0.5


def wall_now() -> datetime:
    """Tell the machine's time."""
    return datetime.now(UTC)


class NoTick(Exception):
    """The stream has no tick yet."""


class StreamClock:
    """The instant of the latest tick read; it never goes back."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at

    def __call__(self) -> datetime:
        """Tell the time; raises NoTick before the first tick."""
        if self._at is None:
            message = "the stream has no tick yet, so it is no time at the desk: start a worker, or set CLOCK=wall"
            raise NoTick(message)
        return self._at

    @property
    def has_begun(self) -> bool:
        """Tell whether there was a tick."""
        return self._at is not None

    def take(self, at: datetime) -> None:
        """Go on to a tick's instant."""
        self._at = at if self._at is None else max(self._at, at)


class Ticks:
    """Reads the ticks from the last one of each partition on; a context that connects and disconnects."""

    def __init__(self, bootstrap: str, names: Names, partitions: int, calendar: BillingCalendar) -> None:
        self._consumer = AIOKafkaConsumer(
            isolation_level="read_committed", auto_offset_reset="latest", **kafka_at(bootstrap)
        )
        topic = names.full(CLOCK_TOPIC)
        self._tps = [TopicPartition(topic, partition) for partition in range(partitions)]
        self._decoder = Decoder(calendar)

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._consumer.start()
        self._consumer.assign(self._tps)
        beginnings = await self._consumer.beginning_offsets(self._tps)
        ends = await self._consumer.end_offsets(self._tps)
        for tp in self._tps:
            self._consumer.seek(tp, max(beginnings[tp], ends[tp] - 1))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def look(self, clock: StreamClock) -> None:
        """Have the clock take in the ticks that came since the last look."""
        found = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS)
        for records in found.values():
            for at in self._instants(records):
                clock.take(at)

    async def follow(self, clock: StreamClock) -> None:
        """Keep the clock at the latest tick, until cancelled."""
        while True:
            await self.look(clock)

    async def first(self, clock: StreamClock, seconds: float) -> bool:
        """Wait for a tick so long; tell whether there was one."""
        try:
            async with asyncio.timeout(seconds):
                while not clock.has_begun:
                    await self.look(clock)
        except TimeoutError:
            return False
        return True

    def _instants(self, records: Sequence[Any]) -> list[datetime]:
        found: list[datetime] = []
        for record in records:
            try:
                tick = self._decoder.tick(record.key, record.value)
            except InvalidMessage:  # the worker keeps it as a dead letter
                continue
            if not tick.still:
                found.append(tick.at)
        return found
