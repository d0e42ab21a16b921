"""What the demo's screen shows, read from the outside: tier changes and warnings, and the workers' metrics."""

import asyncio
import re
from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.core.facts import ChurnRiskChanged
from stream_app.demo.warnings import Warnings
from stream_app.security.kafka import kafka_at

RECENT = 12
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


class Watch:
    """Counts tier changes and keeps the newest, hands warnings on; asks the workers how they are."""

    def __init__(self, bootstrap: str, tps: Sequence[TopicPartition], ports: Sequence[int], warnings: Warnings) -> None:
        self._bootstrap, self._ports = bootstrap, ports
        self._tps = tps
        self.warnings = warnings
        self.changes: Counter[str] = Counter()  # by reason
        self.newest: deque[dict[str, Any]] = deque(maxlen=RECENT)
        self.heads: Counter[str] = Counter()
        self.worked = 0
        self.ready = 0  # workers that answer and hold their partitions
        self.first = asyncio.Event()

    async def follow(self) -> None:
        """Read tier changes and warnings, read-committed, until cancelled."""
        consumer = AIOKafkaConsumer(
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
            **kafka_at(self._bootstrap),
        )
        await consumer.start()
        try:
            consumer.assign(self._tps)
            await consumer.seek_to_beginning()
            async for record in consumer:
                self.take(orjson.loads(record.value))
        finally:
            await consumer.stop()

    def take(self, fact: dict[str, Any]) -> None:
        """Keep a fact of the topics followed."""
        if fact["type"] == ChurnRiskChanged.type:
            self.warnings.take(fact)
            return
        self.changes[fact["reason"]] += 1
        self.newest.append(fact)
        self.first.set()

    async def ask(self) -> None:
        """Read every worker's metrics once; one that does not answer is left out."""
        heads: Counter[str] = Counter()
        worked = ready = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=1)) as session:
            for port in self._ports:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                        ready += answer.status == 200  # noqa: PLR2004 - OK
                    async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                        samples = list(_samples(await answer.text()))
                except (aiohttp.ClientError, TimeoutError, OSError):
                    continue
                for name, labels, value in samples:
                    if name == "stream_app_subscribers":
                        heads[labels["tier"]] += int(value)
                    elif (
                        name == "stream_app_events_total"
                        and labels["outcome"] != "skipped"
                        and labels["topic"] != "clock"
                    ):
                        worked += int(value)
        self.heads, self.worked, self.ready = heads, worked, ready


def _samples(text: str) -> list[tuple[str, dict[str, str], float]]:
    found = [SAMPLE.match(line) for line in text.splitlines() if not line.startswith("#")]
    return [(match[1], dict(LABEL.findall(match[2] or "")), float(match[3])) for match in found if match]
