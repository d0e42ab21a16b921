"""The dead letters of a running system: read, and sent back to where they came from, each exactly once.

What was sent back is remembered as committed offsets of one consumer group per reason, in the transaction that sends.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from stream_app.replay.topics_reader import TopicReader
from stream_app.security.kafka import kafka_at
from stream_app.wire.dead_letters import original
from stream_app.worker.topics import DEAD_LETTER_TOPIC, LARGEST_RECORD_BYTES, Names


class Letter(NamedTuple):
    """A dead letter with what its headers say."""

    record: ConsumerRecord
    headers: dict[str, str]
    sent_back: bool

    @property
    def place(self) -> str:
        """Name where it lies."""
        return f"{self.record.partition}:{self.record.offset}"

    @property
    def reason(self) -> str:
        """Give the reason of its rejection."""
        return self.headers["dl_reason"]

    @property
    def origin(self) -> str:
        """Name where it came from."""
        return f"{self.headers['dl_topic']}[{self.headers['dl_partition']}]@{self.headers['dl_offset']}"


class DeadLetterBox:
    """The dead-letters topic of a system."""

    def __init__(self, bootstrap: str, names: Names, partitions: int) -> None:
        self._bootstrap, self._names = bootstrap, names
        self._tps = [TopicPartition(names.full(DEAD_LETTER_TOPIC), partition) for partition in range(partitions)]

    async def letters(self, reason: str | None = None) -> list[Letter]:
        """Read all letters, or those with one reason, in the order of their timestamps."""
        records: list[tuple[ConsumerRecord, dict[str, str]]] = []
        async with TopicReader(self._bootstrap, [self._names.full(DEAD_LETTER_TOPIC)], len(self._tps)) as reader:
            async for record in reader.new_records():
                headers = {
                    name: value.decode(errors="replace") for name, value in record.headers if name.startswith("dl_")
                }
                if "dl_reason" in headers and reason in {None, headers["dl_reason"]}:
                    records.append((record, headers))
        sent = {name: await self._sent_back(name) for name in {headers["dl_reason"] for _, headers in records}}
        letters = [
            Letter(record, headers, record.offset < sent[headers["dl_reason"]][record.partition])
            for record, headers in records
        ]
        return sorted(letters, key=lambda letter: letter.record.timestamp)

    async def send_back(self, letters: Sequence[Letter]) -> int:
        """Send letters that were not sent back before, and give how many; all of a reason must be among them."""
        by_reason: dict[str, list[Letter]] = defaultdict(list)
        for letter in letters:
            by_reason[letter.reason].append(letter)
        producer = self._producer()
        try:
            await producer.start()
            return sum(
                [await self._send_reason(producer, reason, group) for reason, group in sorted(by_reason.items())]
            )
        finally:
            await producer.stop()

    async def send_some_back(self, letters: Sequence[Letter]) -> int:
        """Send some letters back, all or none, and remember nothing of it: whoever chose them does."""
        if not letters:
            return 0
        producer = self._producer()
        try:
            await producer.start()
            async with producer.transaction():
                await self._send(producer, [letter.record for letter in letters])
        finally:
            await producer.stop()
        return len(letters)

    async def _send_reason(self, producer: AIOKafkaProducer, reason: str, letters: Sequence[Letter]) -> int:
        sent = await self._sent_back(reason)  # read after the producer has fenced any other
        due = [letter.record for letter in letters if letter.record.offset >= sent[letter.record.partition]]
        if not due:
            return 0
        positions = {
            self._tps[record.partition]: record.offset + 1 for record in sorted(due, key=lambda record: record.offset)
        }
        async with producer.transaction():
            await self._send(producer, due)
            await producer.send_offsets_to_transaction(positions, self._group(reason))
        return len(due)

    def _producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            transactional_id=f"{self._names.app_id}-dead-letter-replay",
            max_request_size=2 * LARGEST_RECORD_BYTES,
            **kafka_at(self._bootstrap),
        )

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[ConsumerRecord]) -> None:
        sending = []
        for record in records:
            topic, key, value, headers = original(record)
            partition = int(dict(record.headers)["dl_partition"])
            sending.append(await producer.send(topic, value, key, partition=partition, headers=headers))
        await asyncio.gather(*sending)

    async def _sent_back(self, reason: str) -> dict[int, int]:
        consumer = AIOKafkaConsumer(group_id=self._group(reason), enable_auto_commit=False, **kafka_at(self._bootstrap))
        try:
            await consumer.start()
            return {tp.partition: await consumer.committed(tp) or 0 for tp in self._tps}
        finally:
            await consumer.stop()

    def _group(self, reason: str) -> str:
        return f"{self._names.app_id}-dead-letters-{reason}"
