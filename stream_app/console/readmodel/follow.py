"""Following the topics: read committed, every partition, without a group, for the positions are in the database.

Rule: the database says from where to read on. Where it says something else than what was read last (a rebuild, another
desk at work), what was read is thrown away and reading begins where the database says. While no broker answers, the
client goes on trying and the desk goes on working.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import merge
from typing import Any, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, OffsetOutOfRangeError

from stream_app.console.desk import Desk
from stream_app.console.readmodel import positions
from stream_app.console.readmodel.behind import Lag
from stream_app.console.readmodel.feeds import FOLLOWED, Record
from stream_app.console.readmodel.positions import UNREAD, Place, Standing, Standings
from stream_app.console.readmodel.project import NOTHING, Act, Projected, project
from stream_app.console.store.database import writing
from stream_app.security.kafka import kafka_at
from stream_app.worker.topics import Names

log = logging.getLogger(__name__)

RECORDS_AT_ONCE = 2000
POLL_MILLISECONDS, ENDS_SECONDS, LOOK_SECONDS = 200, 1.0, 1.0
Offsets = Mapping[Place, int]


class TopicMadeAnew(Exception):
    """A topic ends before what was read of it; the message says what to do."""


class Batch(NamedTuple):
    """Records in the order they were put on the topics, as far as that can be told, and what they lie between."""

    records: Sequence[Record]
    begun: Offsets
    reached: Offsets


class Follower:
    """Follows the topics for a desk; a context that connects and disconnects."""

    def __init__(self, bootstrap: str, names: Names, partitions: int, desk: Desk, act: Act) -> None:
        self._names, self._desk, self._act = names, desk, act
        self._consumer = AIOKafkaConsumer(
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=4 << 20,
            **kafka_at(bootstrap),
        )
        self._tps = {
            Place(topic, partition): TopicPartition(names.full(topic), partition)
            for topic in FOLLOWED
            for partition in range(partitions)
        }
        self._read_to: dict[Place, int] = {}
        self._last_ms: dict[Place, int] = {}
        self._looked_at = time.monotonic()
        self.ends: Offsets = {}
        self.answered_at = time.monotonic()  # when a broker last told the ends

    async def __aenter__(self) -> Self:
        """Connect."""
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Disconnect."""
        await self._consumer.stop()

    async def begin(self, act_from: str) -> None:
        """Find where to read on; a desk that is new gives tasks from `now` or the `earliest`. Raises TopicMadeAnew."""
        beginnings, self.ends = await self._bounds()
        known = await asyncio.to_thread(_register, self._desk, beginnings, self.ends, act_from)
        _refuse_made_anew({place: known[place] for place in self._tps}, self.ends)
        self._consumer.assign(list(self._tps.values()))
        self._seek({place: known[place].read_to for place in self._tps}, beginnings)

    async def run(self, hear: Callable[[Projected, float], None]) -> None:
        """Follow until cancelled, telling of each batch and the seconds it took; raises TopicMadeAnew."""
        while True:
            batch = await self._next()
            if batch.reached == batch.begun and not self._looks_again():
                continue
            began = time.monotonic()
            projected, standings = await asyncio.to_thread(self._write, batch)
            if projected is None:
                log.info("the positions were moved by somebody else: reading on where they say")
                self._seek({place: standings.get(place, UNREAD).read_to for place in self._tps}, {})
                continue
            self._read_to.update(batch.reached)
            if batch.records:
                hear(projected, time.monotonic() - began)

    def _looks_again(self) -> bool:
        """Tell, once a second, that the positions are to be looked at although nothing has come."""
        is_due = time.monotonic() - self._looked_at >= LOOK_SECONDS
        self._looked_at = time.monotonic() if is_due else self._looked_at
        return is_due

    async def watch_ends(self) -> None:
        """Ask again and again where the topics end, until cancelled."""
        while True:
            try:
                self.ends = _by_place(self._tps, await self._consumer.end_offsets(list(self._tps.values())))
                self.answered_at = time.monotonic()
            except KafkaError as refusal:
                log.warning("no broker tells where the topics end (%r): trying again", refusal)
            await asyncio.sleep(ENDS_SECONDS)

    def lags(self) -> list[Lag]:
        """Say how far behind each partition is."""
        return [Lag(*place, self._read_to.get(place, 0), end) for place, end in sorted(self.ends.items())]

    def records_behind(self) -> int:
        """Count what is not read yet, of all topics together."""
        return sum(lag.records for lag in self.lags())

    def seconds_behind(self, lag: Lag) -> float:
        """Give the age of the last record read of a partition that is behind; 0 where all is read."""
        last_ms = self._last_ms.get(Place(lag.topic, lag.partition))
        if lag.records == 0 or last_ms is None:
            return 0.0
        return max(0.0, self._desk.now().timestamp() - last_ms / 1000)

    async def _next(self) -> Batch:
        begun = dict(self._read_to)
        try:
            found = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=RECORDS_AT_ONCE)
        except OffsetOutOfRangeError:
            await self._catch_up_with_retention()
            return Batch([], begun, begun)
        records = _in_order(self._plain(each) for each in found.values())
        for record in records:
            self._last_ms[Place(record.topic, record.partition)] = record.timestamp_ms
        reached = {place: int(await self._consumer.position(tp)) for place, tp in self._tps.items()}
        return Batch(records, begun, reached)

    def _plain(self, records: Iterable[Any]) -> list[Record]:
        plain = self._names.plain
        return [
            Record(plain(each.topic), each.partition, each.offset, each.timestamp, each.key, each.value)
            for each in records
        ]

    def _write(self, batch: Batch) -> tuple[Projected | None, Standings]:
        with writing(self._desk.engine) as connection:
            standings = positions.standings(connection)
            if any(standings.get(place, UNREAD).read_to != offset for place, offset in batch.begun.items()):
                return None, standings
            moved = {place: offset for place, offset in batch.reached.items() if offset != batch.begun[place]}
            if not moved:
                return NOTHING, standings
            return project(connection, self._desk, batch.records, moved, self._act), standings

    async def _catch_up_with_retention(self) -> None:
        """Go on at the beginning of what is left where a topic's retention was faster than the desk."""
        beginnings, self.ends = await self._bounds()
        known = {place: Standing(offset, offset) for place, offset in self._read_to.items()}
        _refuse_made_anew(known, self.ends)
        self._seek(self._read_to, beginnings)

    async def _bounds(self) -> tuple[Offsets, Offsets]:
        tps = list(self._tps.values())
        beginnings = await self._consumer.beginning_offsets(tps)
        return _by_place(self._tps, beginnings), _by_place(self._tps, await self._consumer.end_offsets(tps))

    def _seek(self, read_to: Offsets, beginnings: Offsets) -> None:
        """Read on at offsets, or at the beginning of what a topic still has."""
        self._read_to = dict(read_to)
        for place, tp in self._tps.items():
            first = beginnings.get(place, 0)
            if 0 < read_to[place] < first:
                log.warning("%s/%d: what lay between %d and %d is gone", *place, read_to[place], first)
            self._consumer.seek(tp, max(read_to[place], first))


async def read_bounds(bootstrap: str, names: Names, partitions: int) -> tuple[Offsets, Offsets]:
    """Ask where the topics followed begin and end, once."""
    tps = {
        Place(topic, partition): TopicPartition(names.full(topic), partition)
        for topic in FOLLOWED
        for partition in range(partitions)
    }
    async with AIOKafkaConsumer(isolation_level="read_committed", **kafka_at(bootstrap)) as consumer:
        beginnings = await consumer.beginning_offsets(list(tps.values()))
        return _by_place(tps, beginnings), _by_place(tps, await consumer.end_offsets(list(tps.values())))


def _register(desk: Desk, beginnings: Offsets, ends: Offsets, act_from: str) -> dict[Place, Standing]:
    with writing(desk.engine) as connection:
        act = beginnings if act_from == "earliest" else ends
        positions.register(connection, {place: Standing(0, act[place]) for place in beginnings})
        return positions.standings(connection)


def _refuse_made_anew(known: Standings, ends: Offsets) -> None:
    for place, standing in known.items():
        if standing.read_to > ends[place]:
            message = (
                f"topic {place.topic}, partition {place.partition} ends at {ends[place]}, but was read up to "
                f"{standing.read_to}: it was made anew. Read everything again with: stream-app desk rebuild"
            )
            raise TopicMadeAnew(message)


def _in_order(by_partition: Iterable[Sequence[Record]]) -> list[Record]:
    """Lay partitions' records one into the other by their time on the topic; each keeps its own order."""
    return list(merge(*by_partition, key=lambda record: record.timestamp_ms))


def _by_place(tps: Mapping[Place, TopicPartition], offsets: Mapping[TopicPartition, int]) -> dict[Place, int]:
    return {place: int(offsets[tp]) for place, tp in tps.items()}
