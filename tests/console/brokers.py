"""Topics of a test's own on the shared broker, and records put on them as the engine puts them."""

import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaProducer

from stream_app.console.readmodel.feeds import Record
from stream_app.worker import topics
from stream_app.worker.topics import Names


class OwnTopics(NamedTuple):
    """All topics under a prefix of their own."""

    bootstrap: str
    names: Names
    partitions: int

    async def put(self, records: Iterable[Record]) -> None:
        """Put records on their topics, in their order."""
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all") as producer:
            for record in records:
                await self._send(producer, record)

    async def put_in_transaction(self, records: Iterable[Record], *, committed: bool = True) -> None:
        """Put records on their topics in one transaction, as the engine does; it may be aborted."""
        given = {"bootstrap_servers": self.bootstrap, "transactional_id": f"t-{secrets.token_hex(4)}"}
        async with AIOKafkaProducer(**given) as producer:
            await producer.begin_transaction()
            for record in records:
                await self._send(producer, record)
            await (producer.commit_transaction() if committed else producer.abort_transaction())

    async def _send(self, producer: AIOKafkaProducer, record: Record) -> None:
        topic, at = self.names.full(record.topic), record.timestamp_ms
        await producer.send_and_wait(topic, record.value, key=record.key, timestamp_ms=at)


@asynccontextmanager
async def own_topics(bootstrap: str, partitions: int = 1) -> AsyncIterator[OwnTopics]:
    """Make all topics under a prefix of their own; they go at the end."""
    run_id = f"desk-{secrets.token_hex(4)}"
    names = Names(f"{run_id}.", run_id)
    await topics.create(bootstrap, names, partitions, 1, keep_for_ever=True)
    yield OwnTopics(bootstrap, names, partitions)
    await topics.delete(bootstrap, names)
