"""Fetched bytes -> records, batch by batch of the log, as the client's own decoder gives them.

aiokafka makes a ConsumerRecord of each (2.3 us a record; this way 0.3). Rule: only committed records, and the position
after them says exactly how much of the log they cover.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import dropwhile, islice
from typing import Any, Protocol

from aiokafka.consumer import fetcher as clients_fetcher
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException

from stream_app.lane.header_names import KeptRecords

clients_fetcher.MemoryRecords = KeptRecords  # the client makes them itself, of bytes that it does not keep


class Record(Protocol):
    """A record of a log; whose log it is its batch says."""

    @property
    def offset(self) -> int:
        """Its place in the log."""
        ...

    @property
    def timestamp(self) -> int:
        """Milliseconds since 1970, by the producer's clock or the broker's, as the topic has it."""
        ...

    @property
    def key(self) -> bytes | None:
        """Its key."""
        ...

    @property
    def value(self) -> bytes | None:
        """Its value."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """Its headers, in their order."""
        ...


def read(fetched: FetchResult, most: int) -> list[Record]:
    """Read up to `most` records of a fetch and move the position of its partition beyond them.

    Raises:
        CorruptRecordException: a checksum is wrong.
    """
    log = opened(fetched)
    if log is None:
        return []
    records = log.read(most)
    advance(fetched, log)
    return records


def opened(fetched: FetchResult) -> "Log | None":
    """Give what is still to be read of a fetch, if it is still wanted; another thread may read it, then `advance`."""
    if not fetched.has_more() or not fetched.check_assignment(None):
        return None
    log: Log | PartitionRecords = fetched._partition_records  # noqa: SLF001 - the one way to the bytes
    if not isinstance(log, Log):
        log = fetched._partition_records = Log(log)  # noqa: SLF001
    return log


def advance(fetched: FetchResult, log: "Log") -> None:
    """Move the position of a fetch's partition beyond what was read of it."""
    fetched._update_position()  # noqa: SLF001
    if log.is_read:
        fetched._partition_records = None  # noqa: SLF001


def forget(fetcher: Any, tp: Any) -> None:
    """Let go of what a fetch brought of a partition."""
    del fetcher._records[tp]  # noqa: SLF001


def fetch_on(fetcher: Any) -> None:
    """Have the client fetch the partitions whose fetches were let go of."""
    fetcher._notify(fetcher._wait_consume_future)  # noqa: SLF001


class Log:
    """What one fetch brought of one partition; `next_fetch_offset` is where it stands."""

    def __init__(self, fetched: PartitionRecords) -> None:
        self._fetched = fetched
        fetched._records_iterator = None  # noqa: SLF001 - it holds what holds it, and so megabytes, for the collector
        self._batches = self._committed_batches()
        self._batch: Iterator[Record] | None = None
        self._batch_end = 0
        self.next_fetch_offset: int = fetched.next_fetch_offset
        self.is_read = False

    def read(self, most: int) -> list[Record]:
        """Read up to `most` records; fewer only at the end."""
        records: list[Record] = []
        while len(records) < most and not self.is_read:
            if self._batch is None:
                self._batch = next(self._batches, None)
            if self._batch is None:
                self.is_read = True
            else:
                records += self._take(self._batch, most - len(records))
        return records

    def _take(self, batch: Iterator[Record], most: int) -> list[Record]:
        try:
            taken = list(islice(batch, most))
        except UnicodeDecodeError:  # a header's name: the client can read no further
            self._batch = self._from_position(self._fetched._records.last_again())  # noqa: SLF001
            taken = list(islice(self._batch, most))
        if len(taken) < most:  # compaction may have left less than the batch's offsets: its own end counts
            self._batch, self.next_fetch_offset = None, self._batch_end
        else:
            self.next_fetch_offset = taken[-1].offset + 1
        return taken

    def _committed_batches(self) -> Iterator[Iterator[Record]]:
        fetched = self._fetched
        while fetched._records.has_next():  # noqa: SLF001
            batch = fetched._records.next_batch()  # noqa: SLF001
            if not batch.validate_crc():
                message = f"wrong checksum in {fetched._tp} at offset {batch.base_offset}"  # noqa: SLF001
                raise CorruptRecordException(message)
            self._batch_end = batch.next_offset
            if self._is_for_readers(batch):
                yield self._from_position(batch)
            else:
                self.next_fetch_offset = self._batch_end

    def _is_for_readers(self, batch: Any) -> bool:
        fetched = self._fetched
        if batch.producer_id is None:
            return True
        fetched._consume_aborted_up_to(batch.base_offset)  # noqa: SLF001
        if batch.is_control_batch:
            if fetched._contains_abort_marker(batch):  # noqa: SLF001
                fetched._aborted_producers.discard(batch.producer_id)  # noqa: SLF001
            return False
        return not (batch.is_transactional and batch.producer_id in fetched._aborted_producers)  # noqa: SLF001

    def _from_position(self, batch: Iterable[Record]) -> Iterator[Record]:
        position = self.next_fetch_offset  # a fetch brings whole batches, and may begin in the midst of one
        return dropwhile(lambda record: record.offset < position, batch)
