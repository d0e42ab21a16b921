"""The lane's reader gives what aiokafka's own gives, of any log: transactions, markers, compaction, compression."""

import gc
import struct
import weakref
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import calc_crc32c
from hypothesis import given
from hypothesis import strategies as st

from stream_app.lane.log import read

TP = TopicPartition("feed", 0)
CRC_AT, ATTRIBUTES_AT, LAST_DELTA_AT = 17, 21, 23
TRANSACTIONAL, CONTROL = 0x10, 0x20
ABORT, COMMIT = struct.pack(">hh", 0, 0), struct.pack(">hh", 0, 1)
NO_COMPRESSION, GZIP, SNAPPY, LZ4, ZSTD = range(5)


class Part(NamedTuple):
    """One batch of a log: a producer's records, or the marker that ends its transaction."""

    producer: int
    kept: tuple[bool, ...]  # which offsets compaction has left
    codec: int = NO_COMPRESSION
    marker: bytes | None = None


class State:
    """Where a consumer stands in a partition."""

    def __init__(self, position: int) -> None:
        self.position, self.paused = position, False

    def consumed_to(self, position: int) -> None:
        self.position = position


class Assignment:
    """An assignment of the one partition."""

    active = True

    def __init__(self, position: int) -> None:
        self.state = State(position)

    def state_value(self, _tp: TopicPartition) -> State:
        return self.state


def batch_bytes(part: Part, base: int) -> bytes:
    builder = DefaultRecordBatchBuilder(
        2,
        part.codec,
        is_transactional=1,
        producer_id=part.producer,
        producer_epoch=0,
        base_sequence=0,
        batch_size=1 << 20,
    )
    for delta, is_kept in enumerate(part.kept):
        if is_kept:
            key = part.marker or b"k%d" % (base + delta)
            builder.append(delta, 1_700_000_000_000 + delta, key, b"v" * delta, [("h", b"%d" % delta)])
    data = bytearray(builder.build())
    data[0:8] = struct.pack(">q", base)
    data[LAST_DELTA_AT : LAST_DELTA_AT + 4] = struct.pack(">i", len(part.kept) - 1)
    if part.marker is not None:
        data[ATTRIBUTES_AT + 1] |= CONTROL
    data[CRC_AT : CRC_AT + 4] = struct.pack(">I", calc_crc32c(bytes(data[ATTRIBUTES_AT:])))
    return bytes(data)


def fetch_of(parts: Sequence[Part], position: int) -> FetchResult:
    data, aborted, base = b"", [], 0
    first: dict[int, int] = {}
    for part in parts:
        if part.marker is None:
            first.setdefault(part.producer, base)
        else:
            began = first.pop(part.producer, base)
            if part.marker == ABORT:
                aborted.append((part.producer, began))
        data += batch_bytes(part, base)
        base += len(part.kept)
    records = PartitionRecords(
        TP, MemoryRecords(data), aborted, position, None, None, check_crcs=True, isolation_level=READ_COMMITTED
    )
    return FetchResult(TP, assignment=Assignment(position), partition_records=records, backoff=0)


def position_of(fetched: FetchResult) -> int:
    position: int = fetched._assignment.state_value(TP).position
    return position


producers = st.integers(1, 3)
data_parts = st.builds(
    Part,
    producers,
    st.lists(st.booleans(), min_size=1, max_size=6).filter(any).map(tuple),
    st.sampled_from([NO_COMPRESSION, GZIP, SNAPPY, LZ4, ZSTD]),
    st.none(),
)
markers = st.builds(
    lambda producer, marker: Part(producer, (True,), marker=marker), producers, st.sampled_from([ABORT, COMMIT])
)
logs = st.lists(data_parts | markers, max_size=12)


@given(logs, st.integers(0, 8), st.integers(1, 7))
def test_in_any_portions_it_gives_what_the_clients_own_reader_gives(log: list[Part], position: int, most: int) -> None:
    theirs, ours = fetch_of(log, position), fetch_of(log, position)
    while theirs.has_more():
        wanted = theirs.getall(most)
        found = read(ours, most)
        assert [(r.offset, r.timestamp, r.key, r.value, tuple(r.headers)) for r in found] == [
            (r.offset, r.timestamp, r.key, r.value, r.headers) for r in wanted
        ]
        if len(wanted) < most:
            assert position_of(ours) == position_of(theirs)
        else:  # theirs moves beyond trailing markers only with the next records
            assert found[-1].offset < position_of(ours) <= max(position_of(theirs), found[-1].offset + 1)
    assert read(ours, most) == []
    assert not ours.has_more()
    assert position_of(ours) == position_of(theirs)


def test_what_is_no_longer_wanted_is_not_read() -> None:
    fetched = fetch_of([Part(1, (True, True))], 0)
    fetched._assignment.state.position = 1
    assert read(fetched, 10) == []


def test_what_was_read_to_its_end_is_let_go_of_at_once_and_not_when_garbage_is_looked_for() -> None:
    fetched = fetch_of([Part(1, (True, True))], 0)
    records = weakref.ref(fetched._partition_records)
    gc.disable()
    try:
        assert len(read(fetched, 10)) == 2
        assert records() is None
    finally:
        gc.enable()


def test_flipped_bits_are_noticed() -> None:
    fetched = fetch_of([Part(1, (True, True))], 0)
    data = bytearray(batch_bytes(Part(1, (True, True)), 0))
    data[-1] ^= 1
    fetched._partition_records._records = MemoryRecords(bytes(data))
    with pytest.raises(CorruptRecordException, match="wrong checksum"):
        read(fetched, 10)
