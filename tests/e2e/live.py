"""A running system for tests: topics of its own on the shared broker, worker processes, ticks made by the test."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import orjson
from aiokafka import AIOKafkaProducer, ConsumerRecord

from stream_app.core.events import TOPIC_OF_TYPE
from stream_app.local.ports import free_port
from stream_app.replay.feeding import BATCH_BYTES, Feeder
from stream_app.replay.mirror import StateMirror
from stream_app.replay.topics_reader import TopicReader
from stream_app.replay.workers import WorkerProcesses
from stream_app.worker import topics
from stream_app.worker.topics import Names

PARTITIONS = 2
LONGEST_SECONDS = 120.0


class System(NamedTuple):
    """Topics, a feeder and what watches the state; workers come and go."""

    bootstrap: str
    names: Names
    folder: Path
    policy: Path
    feeder: Feeder
    mirror: StateMirror
    changelog: TopicReader

    @asynccontextmanager
    async def workers(self, count: int = 1, **settings: str) -> AsyncIterator[WorkerProcesses]:
        """Run workers; leaving stops them with SIGTERM."""
        environment = {
            "STREAM_APP_BOOTSTRAP": self.bootstrap,
            "STREAM_APP_APP_ID": self.names.app_id,
            "STREAM_APP_TOPIC_PREFIX": self.names.prefix,
            "STREAM_APP_POLICIES": str(self.policy),
            "STREAM_APP_TICK_SECONDS": "0",
            "STREAM_APP_SESSION_TIMEOUT_SECONDS": "6",
            **settings,
        }
        async with WorkerProcesses(count, environment, self.folder, [free_port() for _ in range(count)]) as running:
            yield running

    async def send(self, event: dict[str, Any], timestamp_at: datetime | None = None) -> None:
        """Send an event; `timestamp_at` is its Kafka timestamp, else its own instant."""
        at = timestamp_at or datetime.fromisoformat(event["occurred_at"])
        key = event["subscriber_id"].encode()
        await self.feeder.put(TOPIC_OF_TYPE[event["type"]], key, orjson.dumps(event), int(at.timestamp() * 1000))

    async def tick(self, *instants: datetime) -> None:
        """Send ticks, and everything before them."""
        for at in instants:
            await self.feeder.tick(at)
        await self.feeder.flush()

    async def worked(self) -> None:
        """Wait until everything sent is worked."""
        await self.feeder.flush()
        await self.until(lambda: self.mirror.has_worked(self.feeder.sent))

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until the state is as wanted."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                async for record in self.changelog.new_records():
                    self.mirror.take(record)
                if reached():
                    return
                await asyncio.sleep(0.05)

    async def records(self, topic: str) -> list[ConsumerRecord]:
        """Read a topic whole, read-committed."""
        async with TopicReader(self.bootstrap, [self.names.full(topic)], PARTITIONS) as reader:
            return [record async for record in reader.new_records()]

    async def facts(self, topic: str) -> list[dict[str, Any]]:
        """Read the facts of a topic."""
        return [orjson.loads(record.value) for record in await self.records(topic)]

    def environment(self) -> dict[str, str]:
        """Give what a command needs to find this system."""
        return {
            "STREAM_APP_BOOTSTRAP": self.bootstrap,
            "STREAM_APP_APP_ID": self.names.app_id,
            "STREAM_APP_TOPIC_PREFIX": self.names.prefix,
        }


@asynccontextmanager
async def system(bootstrap: str, policy: str) -> AsyncIterator[System]:
    """Make the topics of a system, and drop them at the end."""
    run_id = f"test-{secrets.token_hex(4)}"
    names = Names(f"{run_id}.", run_id)
    await topics.create(bootstrap, names, PARTITIONS, 1, keep_for_ever=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(topics.delete, bootstrap, names)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=run_id)))
        (folder / "policy.yaml").write_text(policy)
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", max_batch_size=BATCH_BYTES, max_request_size=4 << 20
        )
        await producer.start()
        stack.push_async_callback(producer.stop)
        changelog = await stack.enter_async_context(TopicReader(bootstrap, [names.changelog], PARTITIONS))
        feeder = Feeder(producer, names, PARTITIONS, 0)
        yield System(bootstrap, names, folder, folder / "policy.yaml", feeder, StateMirror(PARTITIONS), changelog)


async def fetch(port: int, path: str) -> tuple[int, bytes]:
    """Ask a worker; waits while nobody listens yet."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(LONGEST_SECONDS):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}{path}") as answer:
                    return answer.status, await answer.read()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


async def ready(ports: Sequence[int]) -> None:
    """Wait until workers have their partitions at work."""
    async with asyncio.timeout(LONGEST_SECONDS):
        for port in ports:
            while (await fetch(port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.1)
