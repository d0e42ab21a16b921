"""The simulated operator: history at once with its ticks, then events at the pace of its clock."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from stream_app.core.events import FEEDS, TOPIC_OF_TYPE
from stream_app.core.policy import PolicySet
from stream_app.demo.simulation import Simulation
from stream_app.replay.feeding import Feeder, floor_milliseconds
from stream_app.sim import Population
from stream_app.worker.topics import Names
from tests.replay.lines import POLICIES, utc
from tests.replay.memory_producer import MemoryProducer

NOW = utc("2025-03-10T09:30")
PARTITIONS = 2
LONG_ENOUGH_SECONDS = 30.0


def simulation(producer: MemoryProducer, *, speed: float = 600.0, policies: PolicySet = POLICIES) -> Simulation:
    feeder = Feeder(producer, Names("", "demo"), PARTITIONS, 0)
    return Simulation(Population(1, 30), policies, feeder, NOW, history_days=8, speed=speed)


def ticks(producer: MemoryProducer, partition: int = 0) -> list[datetime]:
    return [datetime.fromisoformat(json.loads(sent.value)["at"]) for sent in producer.log["clock", partition]]


async def no_pause(_events: int, _at: datetime) -> None:
    """Let the history go on at once."""


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_ENOUGH_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


async def test_history_is_sent_up_to_now_with_a_tick_at_each_midnight_and_one_at_the_end() -> None:
    producer, heard = MemoryProducer(20_000), list[tuple[int, datetime]]()

    async def hear(events: int, at: datetime) -> None:
        heard.append((events, at))

    played = simulation(producer)
    await played.send_history(hear)
    midnights = [utc(f"2025-03-{day:02}") for day in range(2, 11)]
    assert ticks(producer)[-1] == NOW
    assert set(midnights[1:]) <= set(ticks(producer))
    assert ticks(producer, 0) == ticks(producer, 1) == sorted(ticks(producer))
    assert [at for _, at in heard] == ticks(producer)[:-1]
    assert heard == sorted(heard)
    assert played.clock_at == NOW


async def test_every_event_lies_on_the_topic_of_its_type_keyed_and_stamped() -> None:
    producer = MemoryProducer(20_000)
    played = simulation(producer)
    await played.send_history(no_pause)
    events = [(topic, sent) for (topic, _), log in producer.log.items() for sent in log if topic != "clock"]
    assert len(events) == played.events > 0
    for topic, sent in events:
        content = json.loads(sent.value)
        assert topic == TOPIC_OF_TYPE[content["type"]]
        assert sent.key == content["subscriber_id"].encode()
        assert datetime.fromisoformat(content["occurred_at"]).astimezone(UTC) <= NOW
        assert sent.timestamp_ms <= floor_milliseconds(NOW)


async def test_the_last_tick_waits_for_all_of_the_history() -> None:
    producer = MemoryProducer(20_000)
    await simulation(producer).send_history(no_pause)
    for partition in range(PARTITIONS):
        last = json.loads(producer.log["clock", partition][-1].value)
        assert last["positions"] == {feed: len(producer.log.get((feed, partition), [])) for feed in FEEDS}


async def test_from_then_on_the_clock_runs_at_its_speed_and_events_follow() -> None:
    producer = MemoryProducer(20_000)
    played = simulation(producer, speed=200_000.0)
    await played.send_history(no_pause)
    before = played.events
    running = asyncio.create_task(played.run())
    await until(lambda: played.clock_at > NOW + timedelta(days=1) and played.events > before)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert ticks(producer) == sorted(set(ticks(producer)))
    assert utc("2025-03-11") in ticks(producer)
