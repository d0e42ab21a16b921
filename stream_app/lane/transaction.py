"""One commit of a lane: outputs, states and feed positions in one Kafka transaction, then the store.

Rule: outputs before states, each step acked before the next (ARCHITECTURE.md section 3, 3): should half a commit ever
survive, an output repeats, none is lost. Nor could states and positions go side by side: while the group is being added
to the transaction, a broker refuses the first batch of a partition for the moment (KIP-890), and it is sent again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from stream_app.lane.api import Commit, Output
from stream_app.lane.producer import Row, TransactionalProducer
from stream_app.lane.seams import seams
from stream_app.lane.store import PartitionStore


@dataclass(frozen=True, slots=True)
class Writer:
    """The only writer of one partition: its fenced producer and its store."""

    partition: int
    producer: TransactionalProducer
    store: PartitionStore
    changelog: str
    group: str
    ack_timeout_seconds: float

    async def commit(self, commit: Commit) -> None:
        """Commit in Kafka, then write to the store.

        Raises:
            TimeoutError: not acked in time. As after any other error here, the process has to end.
        """
        async with asyncio.timeout(self.ack_timeout_seconds):
            offset = await self._commit_in_kafka(commit)
        self.store.write(commit.states, offset, commit.positions)
        seams.passed("stored")

    async def _commit_in_kafka(self, commit: Commit) -> int | None:
        seams.passed("taken")
        outputs = by_topic(commit.outputs)
        await self.producer.begin([*outputs, self.changelog] if commit.states else outputs, self.partition)
        seams.passed("begun")
        await asyncio.gather(*(self._publish(topic, rows) for topic, rows in outputs.items()))
        seams.passed("outputs_sent")
        offset = await self._publish(self.changelog, state_rows(commit))
        seams.passed("states_sent")
        await self._send_positions(commit)
        seams.passed("offsets_sent")
        await self.producer.commit_transaction()
        seams.passed("committed")
        return offset

    async def _publish(self, topic: str, rows: Iterable[Row]) -> int | None:
        offset = await self.producer.publish(topic, self.partition, rows)
        seams.passed("sent")
        return offset

    async def _send_positions(self, commit: Commit) -> None:
        if commit.positions:
            offsets = {TopicPartition(feed, self.partition): at for feed, at in commit.positions.items()}
            await self.producer.send_offsets_to_transaction(offsets, self.group)


def by_topic(outputs: Iterable[Output]) -> dict[str, list[Row]]:
    """Group outputs by topic, each in its order."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for output in outputs:
        rows[output.topic].append((output.key, output.value, list(output.headers)))
    return rows


def state_rows(commit: Commit) -> Iterable[Row]:
    """Give the changelog records of a commit."""
    return ((key, value, []) for key, value in commit.states.items())
