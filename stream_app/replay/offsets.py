"""The workers' group against the feeds: how far each partition is worked, and moving that by hand.

Rule: the clock is left out. It grows every second, and a tick may wait; what counts is what was published.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from stream_app.core.events import FEEDS
from stream_app.replay.mirror import StateMirror
from stream_app.replay.topics_reader import TopicReader
from stream_app.security.kafka import kafka_at
from stream_app.worker.topics import Names, connect

LOOK_SECONDS = 0.5


class Standing(NamedTuple):
    """A partition of a feed: what is committed (None: nothing yet), where the feed begins and ends."""

    feed: str
    partition: int
    committed: int | None
    begin: int
    end: int

    @property
    def lag(self) -> int:
        """Count the offsets that are not worked yet."""
        return max(0, self.end - max(self.begin, self.committed or 0))


class Refused(Exception):
    """Offsets that cannot be moved; the message says why."""


class GroupOffsets:
    """The offsets of one system's group."""

    def __init__(self, bootstrap: str, names: Names, partitions: int) -> None:
        self._bootstrap, self._names, self._partitions = bootstrap, names, partitions
        self._tps = {
            (feed, partition): TopicPartition(names.full(feed), partition)
            for feed in FEEDS
            for partition in range(partitions)
        }

    async def standings(self) -> list[Standing]:
        """Read where every partition of every feed stands."""
        async with self._consumer() as consumer:
            return await self._standings(consumer)

    async def wait(self) -> int:
        """Wait until all that is on the feeds at the call is worked; give the records that were awaited."""
        async with self._consumer() as consumer:
            first = await self._standings(consumer)
            while not _are_worked(first, await self._standings(consumer)):  # noqa: ASYNC110 - the state of the broker
                await asyncio.sleep(LOOK_SECONDS)
        return sum(each.lag for each in first)

    async def members(self) -> int:
        """Count the workers in the group."""
        admin = await connect(self._bootstrap)
        try:
            [described] = await admin.describe_consumer_groups([self._names.app_id])
        finally:
            await admin.close()
        [group] = described.groups
        return len(group[5])

    async def move(self, wanted: Mapping[tuple[str, int], int]) -> list[Standing]:
        """Commit other offsets for a group at rest; give how it stood before. Raises Refused."""
        async with self._consumer() as consumer:
            before = await self._standings(consumer)
            if count := await self.members():  # once the group was asked for: a new broker does not know it before
                message = f"{count} workers are in the group: stop them all, and wait for their session to end"
                raise Refused(message)
            _check(wanted, before)
            try:
                await consumer.commit({self._tps[place]: offset for place, offset in wanted.items()})
            except KafkaError as refusal:
                message = f"the broker refuses: {refusal!r}; is a worker starting?"
                raise Refused(message) from None
            return [each for each in before if (each.feed, each.partition) in wanted]

    async def ahead(self) -> dict[tuple[str, int], int]:
        """Find the partitions whose offsets are ahead of the state; give where the state stands."""
        mirror = StateMirror(self._partitions)
        async with TopicReader(self._bootstrap, [self._names.changelog], self._partitions) as reader:
            async for record in reader.new_records():
                if not mirror.is_subscriber(record):
                    mirror.take(record)
        return {
            (each.feed, each.partition): at
            for each in await self.standings()
            if (at := _state_at(mirror, each)) is not None and (each.committed or 0) > at
        }

    @asynccontextmanager
    async def _consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            group_id=self._names.app_id,
            enable_auto_commit=False,
            isolation_level="read_committed",
            **kafka_at(self._bootstrap),
        )
        await consumer.start()
        try:
            consumer.assign(list(self._tps.values()))
            yield consumer
        finally:
            await consumer.stop()

    async def _standings(self, consumer: AIOKafkaConsumer) -> list[Standing]:
        begins = await consumer.beginning_offsets(list(self._tps.values()))
        ends = await consumer.end_offsets(list(self._tps.values()))
        committed = await asyncio.gather(*(consumer.committed(tp) for tp in self._tps.values()))
        return [
            Standing(feed, partition, found, begins[tp], ends[tp])
            for ((feed, partition), tp), found in zip(self._tps.items(), committed, strict=True)
        ]


def _are_worked(first: Sequence[Standing], now: Sequence[Standing]) -> bool:
    return all(not each.lag or (then.committed or 0) >= each.end for each, then in zip(first, now, strict=True))


def _state_at(mirror: StateMirror, each: Standing) -> int | None:
    """Say up to where the state has a feed; None where it knows nothing of it."""
    row = mirror.rows.get(each.partition)
    return None if row is None else row.positions.get(each.feed)


def _check(wanted: Mapping[tuple[str, int], int], standings: Sequence[Standing]) -> None:
    known = {(each.feed, each.partition): each for each in standings}
    for place, offset in wanted.items():
        found = known.get(place)
        if found is None:
            message = f"there is no {place[0]}:{place[1]}: the feeds are {', '.join(FEEDS)}"
            raise Refused(message)
        if not found.begin <= offset <= found.end:
            message = f"{place[0]}:{place[1]} goes from {found.begin} to {found.end}: {offset} lies outside"
            raise Refused(message)
