"""A record with a header name that is no text comes through the lane's reader whole, and so do its neighbours."""

import struct
from collections.abc import Sequence

from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from hypothesis import given
from hypothesis import strategies as st

from stream_app.lane import OddRecord
from stream_app.lane.header_names import SHOWN_BYTES, KeptRecords, safe_name
from stream_app.lane.log import Record, read
from tests.lane.raw_names import Raw, raw_batch
from tests.lane.test_log import TP, Assignment, position_of

STAMP_MS = 1_700_000_000_000
SOME = st.none() | st.binary(max_size=5)
names = st.binary(max_size=4) | st.text(max_size=3).map(str.encode)
records = st.builds(Raw, SOME, SOME, st.lists(st.tuples(names, SOME), max_size=3))


def fetch_of(batches: Sequence[Sequence[Raw]], position: int, codec: int = 0) -> FetchResult:
    data, base = b"", 0
    for batch in batches:
        data += struct.pack(">q", base) + bytes(raw_batch(batch, STAMP_MS, codec).build())[8:]
        base += len(batch)
    kept = KeptRecords(data)
    part = PartitionRecords(TP, kept, [], position, None, None, check_crcs=True, isolation_level=READ_COMMITTED)
    return FetchResult(TP, assignment=Assignment(position), partition_records=part, backoff=0)


def read_all(fetched: FetchResult, most: int) -> list[Record]:
    found: list[Record] = []
    while part := read(fetched, most):
        found += part
    return found


def is_text(name: bytes) -> bool:
    return name.decode(errors="replace").encode() == name


@given(
    st.lists(st.lists(records, min_size=1, max_size=4), min_size=1, max_size=4),
    st.integers(0, 6),
    st.integers(1, 5),
    st.sampled_from([0, 1]),
)
def test_every_record_comes_once_and_whole_whatever_its_headers_are_named(
    batches: list[list[Raw]], position: int, most: int, codec: int
) -> None:
    put = [record for batch in batches for record in batch]
    position = min(position, len(batches[0]) - 1)  # a fetch begins with the batch that holds it
    fetched = fetch_of(batches, position, codec)
    found = read_all(fetched, most)
    assert [record.offset for record in found] == list(range(position, len(put)))
    assert position_of(fetched) == len(put)
    for record in found:
        raw = put[record.offset]
        assert (record.timestamp, record.key, record.value) == (STAMP_MS, raw.key, raw.value)
        assert list(record.headers) == [(safe_name(name), value) for name, value in raw.headers]
        assert isinstance(record, OddRecord) == (not all(is_text(name) for name, _ in raw.headers))


def test_the_client_itself_keeps_the_bytes_of_what_it_fetches() -> None:
    assert fetcher.MemoryRecords is KeptRecords


def test_a_complaint_shows_the_begin_of_the_name() -> None:
    name = b"trace-\xff" + b"x" * 1000
    (found,) = read_all(fetch_of([[Raw(b"k", b"v", [(b"good", b"1"), (name, b"2")])]], 0), 10)
    assert isinstance(found, OddRecord)
    assert found.complaint == f"a header's name is not UTF-8: {name[:SHOWN_BYTES]!r}"


@given(st.binary(max_size=20))
def test_a_safe_name_is_text_and_never_longer_than_the_name(name: bytes) -> None:
    assert len(safe_name(name).encode()) <= len(name)
    assert safe_name(name).encode() == name or not is_text(name)
