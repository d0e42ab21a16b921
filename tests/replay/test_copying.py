"""A copy begins where the last one ended, and does not pass over in silence what the source deleted meanwhile."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import OffsetOutOfRangeError

from stream_app.core.events import USAGE_TOPIC
from stream_app.replay.copying import Copying, RecordsGone, Side
from stream_app.worker.topics import Names

USAGE = TopicPartition(USAGE_TOPIC, 0)
ONE = Side("nowhere:1", Names("", "copied"), 1)


class MemoryConsumer:
    """A source in memory: usage from `begin` to `end`, a group that stands at `committed`; the rest is empty."""

    def __init__(self, begin: int, end: int, committed: int | None = None) -> None:
        self._begin, self._end, self._committed, self.at = begin, end, committed, dict[TopicPartition, int]()

    def assign(self, tps: list[TopicPartition]) -> None:
        self.at = dict.fromkeys(tps, -1)

    async def beginning_offsets(self, tps: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {tp: self._begin if tp == USAGE else 0 for tp in tps}

    async def end_offsets(self, tps: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {tp: self._end if tp == USAGE else 0 for tp in tps}

    async def committed(self, tp: TopicPartition) -> int | None:
        return self._committed if tp == USAGE else None

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self.at[tp] = offset

    async def position(self, tp: TopicPartition) -> int:
        return self.at[tp]

    async def getmany(self, **_: int) -> dict[TopicPartition, list[Any]]:
        at = self.at[USAGE]
        if at < self._begin:
            raise OffsetOutOfRangeError({USAGE: at})
        self.at[USAGE] = at + 1
        record = SimpleNamespace(topic=USAGE_TOPIC, key=b"s1", value=b"%d" % at, timestamp=at, headers=())
        return {USAGE: [record]}

    async def commit(self) -> None:
        self._committed = self.at[USAGE]

    def lose_up_to(self, begin: int) -> None:
        self._begin = begin


class Target:
    """A producer that keeps the values it is sent."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    async def send(self, _topic: str, value: bytes, _key: bytes, **_: object) -> asyncio.Future[object]:
        self.values.append(value)
        sent: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent


def copying(source: MemoryConsumer) -> tuple[Copying, Target]:
    target = Target()
    return Copying(ONE, ONE, cast("AIOKafkaConsumer", source), cast("AIOKafkaProducer", target)), target


def numbers(*those: int) -> list[bytes]:
    return [b"%d" % number for number in those]


async def test_a_feed_that_lost_its_oldest_records_is_refused_and_nothing_of_it_is_copied() -> None:
    run, target = copying(MemoryConsumer(begin=3, end=6))
    with pytest.raises(RecordsGone, match="were copied: usage-events:0 from 0 to 3"):
        await run.run(lambda _: None)
    assert target.values == []


async def test_what_is_left_is_copied_where_that_is_wanted() -> None:
    run, target = copying(MemoryConsumer(begin=3, end=6))
    copied = await run.run(lambda _: None, what_is_left=True)
    assert (copied[USAGE_TOPIC], target.values) == (3, numbers(3, 4, 5))


async def test_records_deleted_once_they_were_copied_are_not_missed() -> None:
    run, target = copying(MemoryConsumer(begin=3, end=6, committed=4))
    await run.run(lambda _: None)
    assert target.values == numbers(4, 5)


async def test_records_deleted_after_the_last_copy_and_not_copied_yet_are_missed() -> None:
    run, _ = copying(MemoryConsumer(begin=5, end=6, committed=4))
    with pytest.raises(RecordsGone, match="from 4 to 5"):
        await run.run(lambda _: None)


@pytest.mark.parametrize("what_is_left", [False, True])
async def test_records_deleted_while_it_copies_end_it(what_is_left: bool) -> None:  # noqa: FBT001 - pytest's
    source = MemoryConsumer(begin=0, end=6)
    run, target = copying(source)

    def lose(count: int) -> None:
        if count == 2:
            source.lose_up_to(4)

    with pytest.raises(RecordsGone, match=r"usage-events:0 from 2$"):
        await run.run(lose, what_is_left=what_is_left)
    assert target.values == numbers(0, 1)
