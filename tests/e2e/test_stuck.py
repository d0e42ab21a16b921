"""What once stopped a partition for good: a header name that is no text, and a tick for offsets that will not come."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from stream_app.core.events import CLOCK_TOPIC, USAGE_TOPIC
from stream_app.local import LocalKafka
from stream_app.replay.feeding import floor_milliseconds
from stream_app.replay.mirror import partition_of
from stream_app.wire.ticks import encode_tick
from tests.e2e.live import LONGEST_SECONDS, PARTITIONS, System, system
from tests.e2e.populations import POLICY
from tests.lane.raw_names import Raw, raw_batch

NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)
STAMP_MS = floor_milliseconds(NOW)
PARTITION = partition_of("s1", PARTITIONS)


def usage(event_id: str) -> dict[str, Any]:
    own = {"service": "voice", "duration_seconds": 1, "charge_fen": 1}
    common = {"type": "usage.recorded", "event_id": event_id, "subscriber_id": "s1", "occurred_at": NOW.isoformat()}
    return {**common, **own}


async def send_raw(running: System, topic: str, records: Sequence[Raw], codec: int = 0) -> None:
    async with AIOKafkaProducer(bootstrap_servers=running.bootstrap, acks="all") as producer:
        batch = producer.create_batch()
        batch._builder, batch._relative_offset = raw_batch(records, STAMP_MS, codec), len(records)
        await (await producer.send_batch(batch, running.names.full(topic), partition=PARTITION))
    running.feeder.sent[topic, PARTITION] += len(records)


@pytest.mark.slow
async def test_a_header_name_that_is_no_text_is_a_dead_letter_and_work_goes_on(kafka: LocalKafka) -> None:
    odd, plain = [(b"trace-\xff\xfe", b"\x00\xff")], [(b"trace", b"1")]
    bodies = [orjson.dumps(usage(f"u{number}")) for number in range(4)]
    records = [Raw(b"s1", body, odd if number % 2 else plain) for number, body in enumerate(bodies)]
    async with system(kafka.bootstrap, POLICY) as running, running.workers() as workers:
        await running.tick(NOW)
        await send_raw(running, USAGE_TOPIC, records)
        await send_raw(running, CLOCK_TOPIC, [Raw(None, encode_tick(NOW + timedelta(minutes=1), {}), odd)], codec=1)
        await running.send(usage("after"))
        await running.worked()
        letters = await running.records("dead-letters")
        assert {record.value for record in letters} >= {bodies[1], bodies[3]}
        assert len(letters) == 3
        for letter in letters:
            headers = dict(letter.headers)
            assert headers["trace-??"] == b"\x00\xff"
            assert headers["dl_reason"] == b"invalid_field"
            assert b"trace-\\xff\\xfe" in headers["dl_message"]
        assert workers.restarts == 0


@pytest.mark.slow
async def test_a_tick_for_offsets_that_will_not_come_is_taken_out_as_the_runbook_says(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, POLICY) as running:
        async with running.workers():
            await running.send(usage("u1"))
            await running.tick(NOW)
            await running.worked()
            wrong = encode_tick(NOW + timedelta(minutes=1), {USAGE_TOPIC: 1_000_000})
            await send_raw(running, CLOCK_TOPIC, [Raw(None, wrong, [])])
            await running.tick(NOW + timedelta(minutes=2))
            await running.send(usage("u2"))
            await running.feeder.flush()
            await running.until(lambda: worked(running, USAGE_TOPIC) == 2)
        assert worked(running, CLOCK_TOPIC) == 1
        admin = AdminClient({"bootstrap.servers": running.bootstrap})
        beyond = TopicPartition(running.names.full(CLOCK_TOPIC), PARTITION, 2)
        await asyncio.to_thread(lambda: [gone.result() for gone in admin.delete_records([beyond]).values()])
        async with running.workers(), asyncio.timeout(LONGEST_SECONDS):
            await running.worked()
        row = running.mirror.rows[PARTITION]
        assert row.clock.at == NOW + timedelta(minutes=2)


def worked(running: System, topic: str) -> int:
    row = running.mirror.rows.get(PARTITION)
    return row.positions.get(topic, 0) if row is not None else 0
