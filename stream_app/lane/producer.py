"""Transactional producers that are told everything at once and never guess.

Rule: a coordinator request that was perhaps received is never sent again. aiokafka speaks transaction protocol V1 (no
epoch per transaction), so such a request may act on the *next* transaction (KIP-890; ARCHITECTURE.md section 4).
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import CoordinationType
from aiokafka.errors import NodeNotReadyError
from aiokafka.producer import sender as kafka
from aiokafka.producer.message_accumulator import BatchBuilder

# One batch of ours is one produce request; brokers take 1,048,588 bytes by default (message.max.bytes).
MAX_BATCH_BYTES = 1_000_000
RETRY_BACKOFF_MILLISECONDS = 20
GZIP = 1  # the protocol's number for it

Headers = list[tuple[str, bytes | None]]
Row = tuple[bytes | None, bytes | None, Headers]
"""Key, value and headers of a record to publish."""


class StrictHandler:
    """Sends a coordinator request: not sent is tried again, perhaps sent ends the producer."""

    async def do(self: Any, node_id: int) -> bool:
        """Send the request once; tell whether it is done with."""
        try:
            response = await self._sender.client.send(node_id, self.create_request(), group=self.group)
        except NodeNotReadyError:
            await asyncio.sleep(self.handle_error())
            return False
        backoff_seconds = self.handle_response(response)
        if backoff_seconds is None:
            return True
        await asyncio.sleep(backoff_seconds)
        return False


class AddPartitions(StrictHandler, kafka.AddPartitionsToTxnHandler):  # type: ignore[misc]
    """Adds partitions to the transaction, strictly."""


class AddOffsets(StrictHandler, kafka.AddOffsetsToTxnHandler):  # type: ignore[misc]
    """Adds the group to the transaction, strictly."""


class CommitOffsets(StrictHandler, kafka.TxnOffsetCommitHandler):  # type: ignore[misc]
    """Commits feed offsets within the transaction, strictly."""


class EndTransaction(StrictHandler, kafka.EndTxnHandler):  # type: ignore[misc]
    """Ends the transaction, strictly."""


class StrictSender(kafka.Sender):  # type: ignore[misc]
    """aiokafka's sender with strict handlers in place of its own."""

    async def _do_add_partitions_to_txn(self, tps: Collection[TopicPartition]) -> bool:
        return await AddPartitions(self, tps).do(await self._transaction_node())

    async def _do_add_offsets_to_txn(self, group_id: str) -> bool:
        return await AddOffsets(self, group_id).do(await self._transaction_node())

    async def _do_txn_offset_commit(self, offsets: Mapping[TopicPartition, Any], group_id: str) -> None:
        node_id = await self._find_coordinator(CoordinationType.GROUP, group_id)
        await CommitOffsets(self, offsets, group_id).do(node_id)

    async def _do_txn_commit(self, commit_result: bool) -> None:  # noqa: FBT001 - aiokafka's signature
        await self._message_accumulator.flush_for_commit()
        if self._txn_manager.is_empty_transaction():
            self._txn_manager.complete_transaction()
            return
        await EndTransaction(self, commit_result).do(await self._transaction_node())

    async def _transaction_node(self) -> int:
        node_id: int = await self._find_coordinator(CoordinationType.TRANSACTION, self._txn_manager.transactional_id)
        return node_id


class TransactionalProducer(AIOKafkaProducer):  # type: ignore[misc]
    """The one writer of a partition: starting it fences the writer before it and resolves what that left open."""

    def __init__(self, transactional_id: str, *, transaction_timeout_seconds: float, **options: Any) -> None:
        super().__init__(
            transactional_id=transactional_id,
            transaction_timeout_ms=int(transaction_timeout_seconds * 1000),
            acks="all",
            max_batch_size=MAX_BATCH_BYTES,
            retry_backoff_ms=RETRY_BACKOFF_MILLISECONDS,
            **options,
        )
        self._sender = StrictSender(
            self.client,
            acks=-1,
            txn_manager=self._txn_manager,
            message_accumulator=self._message_accumulator,
            retry_backoff_ms=RETRY_BACKOFF_MILLISECONDS,
            request_timeout_ms=self._request_timeout_ms,
        )

    async def begin(self, topics: Iterable[str], partition: int) -> None:
        """Begin a transaction over one partition of some topics, added in one request instead of one for each."""
        await self.begin_transaction()
        for topic in topics:
            self._txn_manager.maybe_add_partition_to_txn(TopicPartition(topic, partition))

    async def publish(self, topic: str, partition: int, rows: Iterable[Row]) -> int | None:
        """Send rows in their order and return the offset of the last once every one is acked.

        Every future is awaited: aiokafka's `commit_transaction` succeeds although a batch failed.
        """
        pending: list[asyncio.Future[Any]] = []
        size = 0
        for batch in self._packed(rows):
            size = batch.record_count()
            pending.append(await self.send_batch(batch, topic, partition=partition))
        acks = [await future for future in pending]
        return acks[-1].offset + size - 1 if acks else None

    def _packed(self, rows: Iterable[Row]) -> Iterator[BatchBuilder]:
        # Straight into the batch's own builder: the way round through BatchBuilder.append costs as much again.
        batch, count = self.create_batch(), 0
        append = batch._builder.append  # noqa: SLF001
        now_ms = int(time.time() * 1000)
        for key, value, headers in rows:
            if append(count, now_ms, key, value, headers) is None:
                yield _closed(batch, count)
                batch, count = self.create_batch(), 0
                append = batch._builder.append  # noqa: SLF001
                append(count, now_ms, key, value, headers)  # the first always fits
            if not count and batch.size() > MAX_BATCH_BYTES:
                batch = _compressed(now_ms, key, value, headers)
                append = batch._builder.append  # noqa: SLF001 - full: the next begins another
            count += 1
        if count:
            yield _closed(batch, count)


def _compressed(now_ms: int, key: bytes | None, value: bytes | None, headers: Headers) -> BatchBuilder:
    """A record larger than a batch may have come compressed: it must go on so, or its topic might not take it."""
    batch = BatchBuilder(MAX_BATCH_BYTES, GZIP, is_transactional=1)
    batch._builder.append(0, now_ms, key, value, headers)  # noqa: SLF001
    return batch


def _closed(batch: BatchBuilder, count: int) -> BatchBuilder:
    batch._relative_offset = count  # noqa: SLF001
    batch.close()
    return batch
