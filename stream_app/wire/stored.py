"""Stored state: one version byte, then MessagePack arrays. A state written by any released version still loads.

Layout 2 is `core.state` in field order. Fields are only ever added at the end, with a default; anything else is a new
layout number with its own reader here (docs/adr/0005). Layout 1 had the ids that are remembered as numbers, each of
its own.
"""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from msgspec import DecodeError, Meta, Raw, Struct, field
from msgspec.msgpack import Decoder, Encoder

from stream_app.core.admission import DIGEST_BYTES
from stream_app.core.state import NEVER, Clock, Subscriber

T = TypeVar("T")
LAYOUT, FIRST_LAYOUT = b"\x02", b"\x01"
PARTITION_KEY = b"\x00partition"  # no subscriber id begins with a zero byte, and it sorts before them all
FIRST_SUBSCRIBER_KEY = b"\x01"


class UnreadableState(Exception):
    """A stored row that this release cannot read."""


class Glance(Struct, array_like=True):
    """The head of a subscriber's row: enough to see whether a tick concerns it."""

    wake_day: int = NEVER
    serial: int = 0


class PartitionRow(Struct, array_like=True):
    """What a partition keeps beside its subscribers: clock, positions in the feeds, and how far its sweep has come."""

    clock: Clock = field(default_factory=Clock)
    positions: dict[str, int] = field(
        default_factory=dict
    )  # feed -> next offset; everything before it is in the states
    cursor: bytes = b""  # rows before this key have seen the ticks up to `target`
    target: int = 0  # serial of the tick that the pass under way brings to every row; 0: no pass
    seen: int = 0  # records over which the share of dead letters is judged
    rejected: int = 0  # of these
    duplicates: dict[str, int] = field(default_factory=dict)  # events dropped as repeats so far, by type
    refused_ticks: int = (
        0  # records of the clock before this offset are in dead-letters if they had to; they may come again
    )


_Number = Annotated[int, Meta(ge=0)]
_encoder = Encoder()
_subscriber, _glance, _partition = Decoder(Subscriber), Decoder(Glance), Decoder(PartitionRow)
_fields = Decoder(list[Raw])
_usage_ids_1, _ids_1 = Decoder(list[_Number]), Decoder(dict[_Number, int])
_USAGE_IDS, _IDS = map(Subscriber.__struct_fields__.index, ("usage_ids", "ids"))


def dump_subscriber(sub: Subscriber) -> bytes:
    """Write a subscriber's row."""
    return LAYOUT + _encoder.encode(sub)


def load_subscriber(row: bytes) -> Subscriber:
    """Read a subscriber's row; raises UnreadableState."""
    return _load(_subscriber, _from_first(row) if row[:1] == FIRST_LAYOUT else row)


def glance(row: bytes) -> Glance:
    """Read only the head of a subscriber's row; raises UnreadableState."""
    return _load(_glance, row)


def dump_partition(row: PartitionRow) -> bytes:
    """Write a partition's own row."""
    return LAYOUT + _encoder.encode(row)


def load_partition(row: bytes) -> PartitionRow:
    """Read a partition's own row; raises UnreadableState."""
    return _load(_partition, row)


def _load(decoder: Decoder[T], row: bytes) -> T:
    if row[:1] not in {LAYOUT, FIRST_LAYOUT}:
        message = (
            f"a stored row has layout {row[:1].hex() or 'none'}, this release reads up to {LAYOUT.hex()}: "
            "run the release that wrote it, or a newer one"
        )
        raise UnreadableState(message)
    try:
        return decoder.decode(memoryview(row)[1:])
    except (DecodeError, UnicodeDecodeError, RecursionError) as refusal:
        raise _unreadable(row, refusal) from refusal


def _from_first(row: bytes) -> bytes:
    fields = _load(_fields, row)
    try:
        if len(fields) > _USAGE_IDS:
            numbers = _usage_ids_1.decode(fields[_USAGE_IDS])
            fields[_USAGE_IDS] = Raw(_encoder.encode(b"".join(map(_digest, numbers))))
        if len(fields) > _IDS:
            fields[_IDS] = Raw(_encoder.encode(_by_month(_ids_1.decode(fields[_IDS]))))
    except DecodeError as refusal:
        raise _unreadable(row, refusal) from refusal
    return LAYOUT + _encoder.encode(fields)


def _by_month(ids: Mapping[int, int]) -> dict[int, bytes]:
    digests: dict[int, bytes] = {}
    for number, month in ids.items():
        digests[month] = digests.get(month, b"") + _digest(number)
    return digests


def _digest(number: int) -> bytes:
    return number.to_bytes(DIGEST_BYTES)


def _unreadable(row: bytes, refusal: Exception) -> UnreadableState:
    message = f"a stored row does not read as layout {row[:1].hex()} ({refusal}): rebuild the state from its changelog"
    return UnreadableState(message)
