"""A simulated population's events on a broker that is there, as a billing system sends them: no ticks, no answers.

Rule: it is a publisher and nothing else. What is behind us goes out at once, what comes when the wall clock says so.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stream_app.core.events import FEEDS, RESULTS_TOPIC, TOPIC_OF_TYPE, ContactResulted
from stream_app.security.kafka import kafka_at
from stream_app.sim import Population, Timed, live
from stream_app.worker.topics import Names, TopicError

FIND_SECONDS = 10.0
HELD_RECORDS = 2_000  # sent and not acknowledged yet
SAID_EVERY = 10_000


async def publish(
    bootstrap: str, names: Names, population: Population, history_days: int, say: Callable[[str], None]
) -> None:
    """Publish the days behind us, then what comes, until cancelled."""
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka_at(bootstrap))
    await producer.start()
    try:
        await _find_feeds(producer, names)
        await _publish(producer, names, live(population, datetime.now(UTC) - timedelta(days=history_days)), say)
    finally:
        await producer.stop()


async def _find_feeds(producer: AIOKafkaProducer, names: Names) -> None:
    """Look for the feeds first; all that a publisher may know is theirs. Raises TopicError."""
    for topic in sorted(map(names.full, {*FEEDS} - {RESULTS_TOPIC})):
        try:
            async with asyncio.timeout(FIND_SECONDS):
                await producer.partitions_for(topic)
        except (KafkaError, TimeoutError):
            message = f"there is no topic {topic}, or we may not write to it: stream-app topics create makes all"
            raise TopicError(message) from None


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
