"""How far ahead of its Kafka timestamp a record may be: an hour, the clock's own included (CONTRACTS section 5).

A tick from far ahead would close every month up to its own, for good.
"""

from datetime import UTC, datetime, timedelta

from stream_app.core.admission import FUTURE_TOLERANCE
from stream_app.core.months import EARLIEST, LATEST
from stream_app.wire.decode import Tick
from stream_app.wire.instants import write_instant
from stream_app.wire.invalid import InvalidMessage

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def not_after(timestamp_ms: int) -> datetime:
    """Give the latest instant a record may speak of; senders set timestamps, and may set any 64-bit number."""
    try:
        return EPOCH + timedelta(milliseconds=timestamp_ms) + FUTURE_TOLERANCE
    except OverflowError:
        return LATEST if timestamp_ms > 0 else EARLIEST


def timely(tick: Tick, timestamp_ms: int) -> Tick:
    """Let a tick pass; raises InvalidMessage for one that is ahead of its own record."""
    if tick.at <= not_after(timestamp_ms):
        return tick
    raise InvalidMessage(
        reason="in_the_future",
        message=f"at {write_instant(tick.at)} is over an hour after the record's own timestamp: check who wrote it",
    )
