"""A producer that keeps what it is sent, in the client's own batches, and reads it back as a broker would."""

import asyncio
from collections import defaultdict
from typing import NamedTuple

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords


class Sent(NamedTuple):
    """A record as it lies in a partition."""

    key: bytes | None
    value: bytes
    timestamp_ms: int


class MemoryProducer:
    """Takes batches; `log` is what lies in each partition by topic and number."""

    def __init__(self, batch_bytes: int = 1000) -> None:
        self.log: defaultdict[tuple[str, int], list[Sent]] = defaultdict(list)
        self.order: list[tuple[str, bytes]] = []  # topic and value, as batches came
        self._batch_bytes = batch_bytes

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(self._batch_bytes, 0)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[object]:
        found = MemoryRecords(bytes(batch._build()))
        while found.has_next():
            for record in found.next_batch():
                self.log[topic, partition].append(Sent(record.key, record.value, record.timestamp))
                self.order.append((topic, record.value))
        sent: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent
