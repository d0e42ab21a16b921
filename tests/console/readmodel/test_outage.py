"""The broker dies and comes back: the desk stays, and goes on where it was, both ways."""

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import insert

from stream_app.console.outbox import Outbox, count_waiting
from stream_app.console.run import EXACT
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import OutboxRecord
from stream_app.local import LocalKafka
from stream_app.replay.topics_reader import TopicReader
from tests.console.readmodel.following import LONGEST_SECONDS, Follows, follows
from tests.console.readmodel.records import Topics


def put(it: Follows, value: str) -> None:
    row = {"topic": "task-results", "key": "a", "value": value, "made_at": it.desk.now()}
    with writing(it.desk.engine) as connection:
        connection.execute(insert(OutboxRecord), [row])


async def all_sent(it: Follows) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while count_waiting(it.desk):  # noqa: ASYNC110 - what another loop writes
            await asyncio.sleep(0.05)


@pytest.mark.slow
@pytest.mark.kafka
async def test_after_a_broker_died_the_desk_reads_and_publishes_on(tmp_path: Path) -> None:
    topics = Topics()
    with LocalKafka() as broker:
        async with follows(broker.bootstrap, tmp_path) as it, it.following("earliest") as follower:
            outbox = Outbox(
                it.desk, it.own.names, lambda: AIOKafkaProducer(bootstrap_servers=broker.bootstrap, **EXACT)
            )
            publishing = asyncio.create_task(outbox.run(lambda _sent: None))
            put(it, "before")
            await it.own.put([topics.risk("before", "high")])
            await it.caught_up(follower)
            await all_sent(it)
            await asyncio.to_thread(broker.kill)
            put(it, "meanwhile")
            await asyncio.to_thread(broker.start)
            await it.own.put([topics.risk("after", "high")])
            await it.caught_up(follower)
            await all_sent(it)
            publishing.cancel()
            await asyncio.wait([publishing])
            assert it.warned() == it.acted_on[::-1] == ["after", "before"]
            async with TopicReader(broker.bootstrap, [it.own.names.full("task-results")], 2) as reader:
                assert [record.value async for record in reader.new_records()] == [b"before", b"meanwhile"]
