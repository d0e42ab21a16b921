"""Batches of records whose headers have any bytes as their names, which no client's own producer lets through."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy


class RawName(str):
    """A header's name that goes into a record as the bytes it was made of."""

    raw: bytes
    __slots__ = ("raw",)

    def __new__(cls, raw: bytes) -> Self:
        made = super().__new__(cls, raw.decode("latin-1"))
        made.raw = raw
        return made

    def encode(self, *_: Any) -> bytes:
        return self.raw


class Raw(NamedTuple):
    """A record to be."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]


def raw_batch(records: Iterable[Raw], timestamp_ms: int, codec: int = 0) -> Any:
    """Give a builder that holds the records, as the producer of aiokafka keeps one."""
    builder = _DefaultRecordBatchBuilderPy(
        2, codec, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=4 << 20
    )
    for offset, record in enumerate(records):
        headers: list[Any] = [(RawName(name), value) for name, value in record.headers]
        builder.append(offset, timestamp_ms, record.key, record.value, headers)
    return builder
