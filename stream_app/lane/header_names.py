"""Records with a header name that is no text: kept for the logic to judge, where the client's decoder only raises.

Kafka itself takes any bytes as a header's name, and no broker can take such a record back: a reader that stops at it
stops for good. Rule: a batch is read here only after the client has refused it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

LENGTH_AT, LENGTH_ENDS = 8, 12  # of a batch in a log; its length counts from there
SHOWN_BYTES = 64  # of a name, in a complaint


@dataclass(frozen=True, slots=True)
class OddRecord:
    """A record with a header name that is not UTF-8: there with question marks for what is no text, else as it came."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    complaint: str


class KeptRecords:
    """What one fetch brought of a partition, as the client reads it, with the bytes of its last batch at hand."""

    def __init__(self, data: bytes) -> None:
        records = MemoryRecords(data)
        self.has_next, self.size_in_bytes, self._next = records.has_next, records.size_in_bytes, records.next_batch
        self._data, self._begin, self._end = data, 0, 0

    def next_batch(self) -> Any:
        """Give the next batch, decoded by the client."""
        batch = self._next()
        length = int.from_bytes(self._data[self._end + LENGTH_AT : self._end + LENGTH_ENDS], "big")
        self._begin, self._end = self._end, self._end + LENGTH_ENDS + length
        return batch

    def last_again(self) -> Iterator[Any]:
        """Read the records of the last batch given, whatever their headers' names are."""
        batch = _DefaultRecordBatchPy(self._data[self._begin : self._end])
        batch._maybe_uncompress()  # noqa: SLF001 - the one way to the bytes
        fields = _Fields(batch._buffer, batch._pos)  # noqa: SLF001
        return (_record(batch, fields) for _ in range(batch._num_records))  # noqa: SLF001


class _Fields:
    """The fields of a batch's records, one after the other."""

    def __init__(self, buffer: bytearray, at: int) -> None:
        self._buffer, self._at = buffer, at

    def number(self) -> int:
        found, self._at = decode_varint(self._buffer, self._at)
        return int(found)

    def text(self) -> bytes | None:
        length = self.number()
        if length < 0:
            return None
        begin, self._at = self._at, self._at + length
        return bytes(self._buffer[begin : self._at])


def _record(batch: _DefaultRecordBatchPy, fields: _Fields) -> Any:
    fields.number()  # its length
    fields.number()  # attributes, of which there are none
    timestamp = batch.first_timestamp + fields.number()
    if batch.timestamp_type == batch.LOG_APPEND_TIME:
        timestamp = batch.max_timestamp
    offset = batch.base_offset + fields.number()
    key, value = fields.text(), fields.text()
    named = [(fields.text() or b"", fields.text()) for _ in range(fields.number())]
    headers = [(safe_name(name), found) for name, found in named]
    odd = next((name for name, _ in named if not _is_text(name)), None)
    if odd is None:
        return _DefaultRecordPy(offset, timestamp, batch.timestamp_type, key, value, headers)
    return OddRecord(offset, timestamp, key, value, headers, f"a header's name is not UTF-8: {odd[:SHOWN_BYTES]!r}")


def safe_name(name: bytes) -> str:
    """Show a header's name as text that is never longer than the name: what is no text becomes question marks."""
    return name.decode() if _is_text(name) else name.decode("ascii", "replace").replace("\ufffd", "?")


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
