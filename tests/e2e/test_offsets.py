"""How far the workers are is told, awaited and moved; feeds are copied to more partitions, key by key."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from stream_app.core.events import CLOCK_TOPIC, USAGE_TOPIC
from stream_app.local import LocalKafka
from stream_app.replay.copying import RecordsGone, Side, copy
from stream_app.replay.mirror import partition_of
from stream_app.replay.offsets import GroupOffsets, Refused
from stream_app.replay.topics_reader import TopicReader
from stream_app.worker import topics
from stream_app.worker.topics import Names
from tests.e2e.live import LONGEST_SECONDS, PARTITIONS, System, system
from tests.e2e.populations import POLICY
from tests.e2e.test_service import run

NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)
MORE = 5


def usage(number: int) -> dict[str, Any]:
    own = {"service": "voice", "duration_seconds": 1, "charge_fen": 1}
    common = {"event_id": f"u{number}", "subscriber_id": f"s{number % 7}", "occurred_at": NOW.isoformat()}
    return {"type": "usage.recorded", **common, **own}


async def at_rest(group: GroupOffsets) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while await group.members():  # noqa: ASYNC110 - the broker's state
            await asyncio.sleep(0.1)


async def publish(running: System, first: int, count: int) -> None:
    for number in range(first, first + count):
        await running.send(usage(number), NOW)
    await running.feeder.flush()


@pytest.mark.slow
async def test_offsets_ahead_of_the_state_are_told_refused_and_moved_back(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as running:
        group = GroupOffsets(kafka.bootstrap, running.names, PARTITIONS)
        async with running.workers():
            await running.tick(NOW)
            await publish(running, 0, 50)
            assert await asyncio.wait_for(group.wait(), LONGEST_SECONDS) >= 0
            assert (await group.members(), await group.ahead()) == (1, {})
            with pytest.raises(Refused, match="1 workers are in the group"):
                await group.move({(USAGE_TOPIC, 0): 0})
        await at_rest(group)
        stood = {(each.feed, each.partition): each.committed for each in await group.standings()}
        await publish(running, 50, 50)
        assert sum(each.lag for each in await group.standings()) == 50
        ends = {place: end for place, end in running.feeder.sent.items() if end and place[0] != CLOCK_TOPIC}
        await group.move(ends)
        assert await group.ahead() == {place: stood[place] for place in ends}
        code, said = await run("offsets", "to-state", **running.environment())
        assert code == 0, said
        assert set(re.findall(r"is at (\d+)", said)) == {str(stood[place]) for place in ends}
        assert await group.ahead() == {}
        async with running.workers():
            await running.worked()
            code, said = await run("offsets", "wait", "--seconds", "60", **running.environment())
            assert (code, "all is worked" in said) == (0, True), said
            code, said = await run("offsets", "list", **running.environment())
            assert "1 workers in the group" in said
            assert "0 records to work" in said


async def test_offsets_that_are_none_are_refused(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as running:
        group = GroupOffsets(kafka.bootstrap, running.names, PARTITIONS)
        with pytest.raises(Refused, match="there is no usage-events:9"):
            await group.move({(USAGE_TOPIC, 9): 0})
        with pytest.raises(Refused, match="goes from 0 to 0: 7 lies outside"):
            await group.move({(USAGE_TOPIC, 0): 7})
        code, said = await run("offsets", "move", "usage-events:0", **running.environment())
        assert (code, "write FEED:PARTITION=OFFSET" in said) == (2, True), said


async def test_a_copy_puts_records_where_their_keys_belong_and_goes_on_where_it_ended(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as old:
        more = Names(f"more.{old.names.prefix}", f"more.{old.names.app_id}")
        await topics.create(kafka.bootstrap, more, MORE, 1, keep_for_ever=True)
        try:
            sides = Side(kafka.bootstrap, old.names, PARTITIONS), Side(kafka.bootstrap, more, MORE)
            await publish(old, 0, 60)
            assert (await copy(*sides, lambda _: None))[USAGE_TOPIC] == 60
            await publish(old, 60, 10)
            heard: list[int] = []
            assert (await copy(*sides, heard.append))[USAGE_TOPIC] == 10
            assert heard[-1] == 10
            found = await usage_of(kafka.bootstrap, more)
            assert sorted(orjson.loads(record.value)["event_id"] for record in found) == sorted(
                f"u{number}" for number in range(70)
            )
            for record in found:
                assert record.partition == partition_of(record.key.decode(), MORE)
                assert record.timestamp == int(NOW.timestamp() * 1000)
        finally:
            await topics.delete(kafka.bootstrap, more)


@pytest.mark.slow
async def test_a_copy_of_a_feed_whose_oldest_records_are_gone_is_refused_unless_what_is_left_is_wanted(
    kafka: LocalKafka,
) -> None:
    async with system(kafka.bootstrap, POLICY) as old:
        more = Names(f"left.{old.names.prefix}", f"left.{old.names.app_id}")
        await topics.create(kafka.bootstrap, more, MORE, 1, keep_for_ever=True)
        try:
            sides = Side(kafka.bootstrap, old.names, PARTITIONS), Side(kafka.bootstrap, more, MORE)
            await publish(old, 0, 60)
            filled = {number: end for (feed, number), end in old.feeder.sent.items() if feed == USAGE_TOPIC and end > 1}
            admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
            lost = [TopicPartition(old.names.full(USAGE_TOPIC), number, 1) for number in filled]
            for gone in admin.delete_records(lost).values():
                await asyncio.to_thread(gone.result)
            with pytest.raises(RecordsGone, match=f"usage-events:{min(filled)} from 0 to 1"):
                await copy(*sides, lambda _: None)
            assert await usage_of(kafka.bootstrap, more) == []
            assert (await copy(*sides, lambda _: None, what_is_left=True))[USAGE_TOPIC] == 60 - len(filled)
            assert (await copy(*sides, lambda _: None))[USAGE_TOPIC] == 0  # what is gone is known to be
        finally:
            await topics.delete(kafka.bootstrap, more)


async def usage_of(bootstrap: str, names: Names) -> list[Any]:
    async with TopicReader(bootstrap, [names.full(USAGE_TOPIC)], MORE) as reader:
        return [record async for record in reader.new_records()]
