"""Stored state: one version byte, then MessagePack arrays. A state written by any released version still loads.

Layout 3 is `core.state` in field order. Fields are only ever added at the end, with a default; anything else is a new
layout number, and the last one's reader goes to `stored_before` (docs/adr/0005). Partitions' rows never changed.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from msgspec import DecodeError, Struct, field
from msgspec.msgpack import Decoder, Encoder

from stream_app.core.state import NEVER, Clock, Subscriber
from stream_app.wire.stored_before import from_first, from_second

T = TypeVar("T")
LAYOUT = b"\x03"
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


_encoder = Encoder()
_subscriber, _glance, _partition = Decoder(Subscriber).decode, Decoder(Glance).decode, Decoder(PartitionRow).decode
_SUBSCRIBERS: Mapping[bytes, Callable[[memoryview], Subscriber]] = {
    LAYOUT: _subscriber,
    b"\x02": from_second,
    b"\x01": from_first,
}


def dump_subscriber(sub: Subscriber) -> bytes:
    """Write a subscriber's row."""
    return LAYOUT + _encoder.encode(sub)


def load_subscriber(row: bytes) -> Subscriber:
    """Read a subscriber's row; raises UnreadableState."""
    return _load(_SUBSCRIBERS.get(row[:1], _subscriber), row)


def glance(row: bytes) -> Glance:
    """Read only the head of a subscriber's row; raises UnreadableState."""
    return _load(_glance, row)


def dump_partition(row: PartitionRow) -> bytes:
    """Write a partition's own row."""
    return LAYOUT + _encoder.encode(row)


def load_partition(row: bytes) -> PartitionRow:
    """Read a partition's own row; raises UnreadableState."""
    return _load(_partition, row)


def _load(read: Callable[[memoryview], T], row: bytes) -> T:
    if row[:1] not in _SUBSCRIBERS:
        message = (
            f"a stored row has layout {row[:1].hex() or 'none'}, this release reads up to {LAYOUT.hex()}: "
            "run the release that wrote it, or a newer one"
        )
        raise UnreadableState(message)
    try:
        return read(memoryview(row)[1:])
    except (DecodeError, ValueError, OverflowError, RecursionError) as refusal:  # ValueError: text that is not UTF-8
        message = (
            f"a stored row does not read as layout {row[:1].hex()} ({refusal}): rebuild the state from its changelog"
        )
        raise UnreadableState(message) from refusal
