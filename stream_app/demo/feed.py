"""A simulated population's events on a broker that is there, as a billing system sends them: no ticks, no answers.

Rule: it is a publisher and nothing else. What is behind us goes out at once, what comes when the wall clock says so.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import orjson
from aiokafka import AIOKafkaProducer

from stream_app.core.events import TOPIC_OF_TYPE, ContactResulted
from stream_app.security.kafka import kafka_at
from stream_app.sim import Population, Timed, live
from stream_app.worker.topics import Names

HELD_RECORDS = 2_000  # sent and not acknowledged yet
SAID_EVERY = 10_000


async def publish(
    bootstrap: str, names: Names, population: Population, history_days: int, say: Callable[[str], None]
) -> None:
    """Publish the days behind us, then what comes, until cancelled."""
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka_at(bootstrap))
    await producer.start()
    try:
        await _publish(producer, names, live(population, datetime.now(UTC) - timedelta(days=history_days)), say)
    finally:
        await producer.stop()


async def _publish(
    producer: AIOKafkaProducer, names: Names, stream: Iterable[Timed], say: Callable[[str], None]
) -> None:
    sending: list[asyncio.Future[object]] = []
    published = 0
    for due_at, event in stream:
        wait_seconds = (due_at - datetime.now(UTC)).total_seconds()
        if wait_seconds > 0 or len(sending) >= HELD_RECORDS:
            await asyncio.gather(*sending)  # raises what a record failed with
            sending.clear()
            await asyncio.sleep(max(wait_seconds, 0))
        if event["type"] == ContactResulted.type:
            continue  # calls are the desk's
        topic = names.full(TOPIC_OF_TYPE[str(event["type"])])
        key = str(event["subscriber_id"]).encode()
        sending.append(await producer.send(topic, orjson.dumps(event), key))
        published += 1
        if published % SAID_EVERY == 0:
            say(f"{published:,} events, up to {due_at:%Y-%m-%d %H:%M}")
