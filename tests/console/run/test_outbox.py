"""What the desk has to say goes out in its order, whoever dies when; what went out twice is the same record."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from sqlalchemy import insert, select

from stream_app.commands.common import load_policies
from stream_app.console.desk import Desk
from stream_app.console.outbox import AT_ONCE, Outbox, count_waiting, waiting
from stream_app.console.run import EXACT
from stream_app.console.store.database import open_engine, reading, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.work_tables import OutboxRecord
from stream_app.core.policy import PolicySet
from stream_app.local import LocalKafka
from stream_app.replay.topics_reader import TopicReader
from stream_app.worker.topics import Names
from tests.console.brokers import own_topics
from tests.console.moments import START, SetClock

NAMES = Names("p.", "stream-app")


class Killed(Exception):
    """The power is cut."""


class Broker:
    """Stands for a broker and the client's way to it: takes records, and dies when it is told to."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str, str, int]] = []
        self.dies_before_record: int | None = None
        self.loses_acks = False

    async def send(self, topic: str, value: bytes, *, key: bytes, timestamp_ms: int) -> Awaitable[object]:
        """Take a record; the acknowledgement may be lost on its way back."""
        if len(self.taken) == self.dies_before_record:
            raise Killed
        self.taken.append((topic, key.decode(), value.decode(), timestamp_ms))
        ack = asyncio.get_running_loop().create_future()
        if self.loses_acks:
            ack.set_exception(Killed())
        else:
            ack.set_result(None)
        return ack

    @property
    def values(self) -> list[str]:
        """List what was taken."""
        return [value for _, _, value, _ in self.taken]


def put(desk: Desk, *values: str) -> None:
    rows = [
        {"topic": "task-results", "key": value[0], "value": value, "made_at": START + timedelta(seconds=number)}
        for number, value in enumerate(values)
    ]
    with writing(desk.engine) as connection:
        connection.execute(insert(OutboxRecord), rows)


def outbox(desk: Desk) -> Outbox:
    def nobody() -> AIOKafkaProducer:
        raise AssertionError

    return Outbox(desk, NAMES, nobody)


async def test_records_go_out_in_their_order_with_the_time_they_were_made_at(desk: Desk, clock: SetClock) -> None:
    put(desk, "a1", "b1", "a2")
    broker = Broker()
    clock.advance(hours=1)
    assert await outbox(desk).publish(broker) == 3
    start_ms = int(START.timestamp() * 1000)
    assert broker.taken == [
        ("p.task-results", "a", "a1", start_ms),
        ("p.task-results", "b", "b1", start_ms + 1000),
        ("p.task-results", "a", "a2", start_ms + 2000),
    ]
    with reading(desk.engine) as connection:
        assert set(connection.execute(select(OutboxRecord.sent_at)).scalars()) == {clock.at}


async def test_what_went_out_does_not_go_out_again(desk: Desk) -> None:
    put(desk, "a1")
    broker = Broker()
    assert [await outbox(desk).publish(broker) for _ in range(2)] == [1, 0]
    assert broker.values == ["a1"]


@pytest.mark.parametrize("taken", [0, 1, 2])
async def test_who_dies_between_records_sends_them_again_in_their_order(desk: Desk, taken: int) -> None:
    put(desk, "a1", "a2", "a3")
    broker = Broker()
    broker.dies_before_record = taken
    with pytest.raises(Killed):
        await outbox(desk).publish(broker)
    assert [each.value for each in waiting(desk)] == ["a1", "a2", "a3"]
    broker.dies_before_record = None
    await outbox(desk).publish(broker)
    assert broker.values == [*["a1", "a2", "a3"][:taken], "a1", "a2", "a3"]
    assert count_waiting(desk) == 0


async def test_an_acknowledgement_that_is_lost_has_the_same_record_sent_again(desk: Desk) -> None:
    put(desk, '{"event_id": "a"}')
    broker = Broker()
    broker.loses_acks = True
    with pytest.raises(Killed):
        await outbox(desk).publish(broker)
    broker.loses_acks = False
    await outbox(desk).publish(broker)
    assert broker.taken[0] == broker.taken[1]
    assert count_waiting(desk) == 0


async def test_who_dies_before_marking_sends_the_same_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    put(desk, "a1", "a2")
    broker = Broker()

    def die(_desk: Desk, _numbers: Sequence[int]) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("stream_app.console.outbox._mark", die)
        with pytest.raises(Killed):
            await outbox(desk).publish(broker)
    assert await outbox(desk).publish(broker) == 2
    assert broker.values == ["a1", "a2", "a1", "a2"]


async def test_more_than_goes_at_once_goes_in_portions(desk: Desk) -> None:
    values = [f"{number:04}" for number in range(AT_ONCE + 3)]
    put(desk, *values)
    broker = Broker()
    assert [await outbox(desk).publish(broker) for _ in range(2)] == [AT_ONCE, 3]
    assert broker.values == values


async def test_while_no_broker_answers_it_tries_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    put(desk, "a1")
    broker, heard = Broker(), asyncio.Queue[int]()
    refusals = iter([True, True, False])
    monkeypatch.setattr("stream_app.console.outbox.AGAIN_SECONDS", 0)

    @asynccontextmanager
    async def connect() -> AsyncIterator[Broker]:
        if next(refusals):
            raise KafkaConnectionError
        yield broker

    running = asyncio.create_task(Outbox(desk, NAMES, connect).run(heard.put_nowait))
    assert await asyncio.wait_for(heard.get(), 30) == 1
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert broker.values == ["a1"]


async def test_on_kafka_records_stand_in_their_order(kafka: LocalKafka, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    migrate(engine)
    desk = Desk(engine, PolicySet(load_policies([])), SetClock())
    values = [f"{key}{number}" for number in range(20) for key in "abc"]
    put(desk, *values)
    async with own_topics(kafka.bootstrap) as own:
        async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap, **EXACT) as producer:
            assert await Outbox(desk, own.names, AIOKafkaProducer).publish(producer) == len(values)
        async with TopicReader(kafka.bootstrap, [own.names.full("task-results")], 1) as reader:
            records = [record async for record in reader.new_records()]
    engine.dispose()
    assert [record.value.decode() for record in records] == values
    assert [record.key.decode() for record in records] == [value[0] for value in values]
    assert records[1].timestamp == int(START.timestamp() * 1000) + 1000
