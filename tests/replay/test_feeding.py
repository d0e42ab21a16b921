"""Where entries and ticks of a replay are sent, and what each tick waits for."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from stream_app.core.events import FEEDS, TOPIC_OF_TYPE
from stream_app.replay import feeding
from stream_app.replay.feeding import Feeder, LineTooLong, floor_milliseconds, topic_of
from stream_app.replay.mirror import partition_of
from stream_app.worker.topics import Names
from tests.replay.lines import entries, used, utc
from tests.replay.memory_producer import MemoryProducer

PARTITIONS = 4
TIMESTAMP_MS = 1_700_000_000_000


def feeder(producer: MemoryProducer, partitions: int = PARTITIONS) -> Feeder:
    return Feeder(producer, Names("run.", "run"), partitions, TIMESTAMP_MS)


def ill(**changes: Any) -> dict[str, Any]:
    return {**used("u1", "2025-01-01T00:00:00"), **changes}


@pytest.mark.parametrize("type_name", [name for name in TOPIC_OF_TYPE if name != "clock.ticked"])
def test_an_invalid_line_goes_to_the_feed_of_its_type(type_name: str) -> None:
    [entry] = entries({"type": type_name})
    assert topic_of(entry) == TOPIC_OF_TYPE[type_name]


@pytest.mark.parametrize(
    "content",
    [
        b"?",
        b"[1]",
        b"\xff",
        b"{}",
        {"type": 7},
        {"type": None},
        {"type": ["usage.recorded"]},
        {"type": "never.heard_of"},
        {"type": "clock.ticked"},
        {"type": "clock.ticked", "at": "2025-01-01T00:00:00Z", "positions": {}},
    ],
)
def test_a_line_with_no_type_of_a_feed_goes_to_usage_events(content: Mapping[str, Any] | bytes) -> None:
    [entry] = entries(content)
    assert topic_of(entry) == "usage-events"


async def test_a_record_lies_in_the_partition_of_its_subscriber_as_it_stood_in_the_file() -> None:
    producer = MemoryProducer()
    out = feeder(producer)
    found = entries(*(used("u1", "2025-01-01T00:00:00", subscriber_id=f"s-{n}") for n in range(20)))
    for entry in found:
        await out.send(entry)
    await out.flush()
    assert len(producer.log) > 1
    for (topic, partition), records in producer.log.items():
        assert topic == "run.usage-events"
        for record in records:
            subscriber_id = json.loads(record.value)["subscriber_id"]
            assert record.key == subscriber_id.encode()
            assert partition_of(subscriber_id, PARTITIONS) == partition
            assert record.timestamp_ms == TIMESTAMP_MS
    assert sorted(value for _, value in producer.order) == sorted(entry.value for entry in found)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (ill(charge_fen=-1), b"s-1"),
        (ill(subscriber_id="not valid"), b"not valid"),
        (ill(subscriber_id=7), None),
        (b"?", None),
        (b'{"type":"usage.recorded"}', None),
    ],
)
async def test_an_invalid_line_is_keyed_by_its_subscriber_id_if_it_has_one_that_is_text(
    content: Mapping[str, Any] | bytes, key: bytes | None
) -> None:
    producer = MemoryProducer()
    out = feeder(producer)
    [entry] = entries(content)
    await out.send(entry)
    await out.flush()
    [(place, [record])] = producer.log.items()
    assert record.key == key
    assert place[1] == (partition_of(key.decode(), PARTITIONS) if key else 0)


async def test_a_tick_goes_to_every_partition_and_waits_for_what_was_sent_there_before() -> None:
    producer = MemoryProducer()
    out = feeder(producer)
    for entry in entries(*(used("u1", "2025-01-01T00:00:00", subscriber_id=f"s-{n}") for n in range(20)), b"?"):
        await out.send(entry)
    await out.tick(utc("2025-01-02T00:00:00.123456"))
    await out.flush()
    for partition in range(PARTITIONS):
        [tick] = producer.log["run.clock", partition]
        content = json.loads(tick.value)
        sent = len(producer.log.get(("run.usage-events", partition), []))
        assert content["positions"] == {**dict.fromkeys(FEEDS, 0), "usage-events": sent}
        assert tick.timestamp_ms == floor_milliseconds(utc("2025-01-02T00:00:00.123"))
        assert out.sent["usage-events", partition] == sent
        assert out.sent["clock", partition] == 1
    assert out.ticks == 1


async def test_what_no_tick_has_told_of_is_released_by_one_that_is_still_and_once() -> None:
    producer = MemoryProducer()
    out = feeder(producer, 1)
    [entry] = entries(used("u1", "2025-01-01T00:00:00"))
    await out.release()
    await out.send(entry)
    await out.release()
    await out.tick(utc("2025-01-02T00:00:00"))
    await out.release()
    await out.send(entry)
    for _ in range(2):
        await out.release()
    await out.flush()
    ticks = [json.loads(tick.value) for tick in producer.log["run.clock", 0]]
    assert [(tick["at"], tick["positions"]["usage-events"], tick.get("still")) for tick in ticks] == [
        ("1970-01-01T00:00:00Z", 1, True),
        ("2025-01-02T00:00:00Z", 1, None),
        ("2025-01-02T00:00:00Z", 2, True),
    ]
    assert out.sent["clock", 0] == 3
    assert out.ticks == 1


async def test_what_is_gathered_is_sent_on_and_released_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeding, "SENT_ON_RECORDS", 3)
    producer = MemoryProducer(batch_bytes=10_000)
    out = feeder(producer, 1)
    sent = list[int]()
    for entry in entries(*(used(f"u{number}", "2025-01-01T00:00:00") for number in range(7))):
        await out.send(entry)
        await out.send_on()
        sent.append(len(producer.log["run.usage-events", 0]))
    assert sent == [0, 0, 3, 3, 3, 6, 6]
    assert [json.loads(tick.value)["positions"]["usage-events"] for tick in producer.log["run.clock", 0]] == [3, 6]


async def test_full_batches_leave_at_once_and_order_within_a_partition_is_kept() -> None:
    producer = MemoryProducer(batch_bytes=500)
    out = feeder(producer, 1)
    found = entries(*(used(f"u{n}", "2025-01-01T00:00:00") for n in range(50)))
    for entry in found:
        await out.send(entry)
    assert 0 < len(producer.order) < 50
    await out.flush()
    assert [value for _, value in producer.order] == [entry.value for entry in found]
    await out.flush()
    assert len(producer.order) == 50


async def test_a_line_longer_than_a_batch_goes_alone_and_one_that_no_topic_takes_is_refused() -> None:
    producer = MemoryProducer()
    out = feeder(producer, 1)
    for entry in entries(b"?", b"x" * 100_000, b"?"):
        await out.send(entry)
    await out.flush()
    assert [len(value) for _, value in producer.order] == [1, 100_000, 1]
    [too_long] = entries(b"x" * (2 << 20))
    with pytest.raises(LineTooLong, match="a line of 2097152 bytes is longer than any topic takes"):
        await out.send(too_long)


def test_instants_become_milliseconds_rounded_down_before_1970_too() -> None:
    assert floor_milliseconds(utc("1970-01-01T00:00:00.001999")) == 1
    assert floor_milliseconds(utc("1969-12-31T23:59:59.999999")) == -1
