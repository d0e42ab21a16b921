"""Whatever a feed takes, dead-letters takes too: where it would not, a worker does not begin."""

import asyncio
import uuid

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from stream_app.lane.producer import Row, TransactionalProducer
from stream_app.local import LocalKafka
from stream_app.worker import topics
from stream_app.worker.topics import LARGEST_RECORD_BYTES, Names, TopicError, connect, create, partition_count

ROW_BYTES = 24 << 20


async def set_size(bootstrap: str, topic: str, most_bytes: int) -> None:
    """Set a topic's size and wait until the broker says so."""
    own = {"max.message.bytes": str(most_bytes)}
    admin = await connect(bootstrap)
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=own)])
        async with asyncio.timeout(30):
            while True:
                told = await topics._settings(admin, [topic])
                if own.items() <= told[topic].items():
                    return
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


async def test_a_feed_that_takes_more_than_dead_letters_is_told_before_a_worker_begins(kafka: LocalKafka) -> None:
    names = Names(f"fit-{uuid.uuid4().hex[:8]}.", "fit")
    await create(kafka.bootstrap, names, 1, 1)
    assert await partition_count(kafka.bootstrap, names) == 1
    await set_size(kafka.bootstrap, names.full("billing-events"), 2 * LARGEST_RECORD_BYTES)
    with pytest.raises(TopicError, match=r"raise max\.message\.bytes of fit-\w+\.dead-letters .*=4259840"):
        await partition_count(kafka.bootstrap, names)
    await set_size(kafka.bootstrap, names.full("dead-letters"), 4_259_840)
    assert await partition_count(kafka.bootstrap, names) == 1


async def test_a_record_that_came_compressed_and_is_far_larger_than_its_topics_limit_goes_on_so(
    kafka: LocalKafka,
) -> None:
    names = Names(f"fit-{uuid.uuid4().hex[:8]}.", "fit")
    await create(kafka.bootstrap, names, 1, 1)
    topic, value = names.full("dead-letters"), b"much" * (ROW_BYTES // 4)
    producer = TransactionalProducer(
        f"{names.prefix}id", transaction_timeout_seconds=10, bootstrap_servers=kafka.bootstrap
    )
    await producer.start()
    try:
        await producer.begin([topic], 0)
        rows: list[Row] = [(b"a", b"1", []), (b"b", value, [("why", b"large")]), (b"c", value, []), (b"d", b"2", [])]
        assert await producer.publish(topic, 0, rows) == 3
        await producer.commit_transaction()
    finally:
        await producer.stop()
    assert await read(kafka.bootstrap, topic, 4) == [(b"a", 1), (b"b", ROW_BYTES), (b"c", ROW_BYTES), (b"d", 1)]


async def read(bootstrap: str, topic: str, most: int) -> list[tuple[bytes, int]]:
    """Read keys and the sizes of values."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.seek_to_beginning()
        records = [await consumer.getone() for _ in range(most)]
    finally:
        await consumer.stop()
    return [(record.key, len(record.value)) for record in records]
