"""Which events are let in: a bill of another month, the future, months that are final, and what was applied before."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from xxhash import xxh3_64_digest

from stream_app.core.events import BillIssued, Event, UsageRecorded
from stream_app.core.months import month_name
from stream_app.core.state import Clock, Subscriber

# An event is held against some thirty digests of its own subscriber: one in 10 ** 13 is taken for a repeat that is none
# (30 / 2 ** 48), at a thousand million events a day one in 26 years (docs/adr/0009).
DIGEST_BYTES = 6
MONTH_BYTES = 3  # of a month kept beside a digest; the last of the year 9999 needs 17 bits
BILL_BYTES = DIGEST_BYTES + MONTH_BYTES
FUTURE_TOLERANCE = timedelta(hours=1)  # beyond a record's own timestamp (CONTRACTS section 5, in_the_future)


class Refusal(Struct, frozen=True):
    """Why an event cannot be taken: a reason of CONTRACTS section 5, and what to do."""

    reason: Literal["invalid_field", "in_the_future", "month_not_correctable"]
    message: str


def refusal(sub: Subscriber, event: Event, month: int, clock: Clock, not_after: datetime) -> Refusal | None:
    """Find the first reason against an event, in the order of CONTRACTS section 5; None when it may come in."""
    if isinstance(event, BillIssued):
        belongs = bill_month(sub, digest(event.bill_id))
        if belongs is not None and belongs != month:
            return Refusal("invalid_field", _other_month(event.bill_id, belongs, month))
    if event.occurred_at > not_after:
        return Refusal("in_the_future", _future(event.occurred_at))
    if clock.tick is not None and month <= clock.tick.final:
        return Refusal("month_not_correctable", _final(month, clock.tick.final))
    return None


def bill_month(sub: Subscriber, key: bytes) -> int | None:
    """Give the month that a bill belongs to for good, by the digest of its id, or None for a bill not seen."""
    bill = sub.bills.get(key)
    if bill is not None:
        return bill.month
    place = _place(sub.bill_months, key, BILL_BYTES)
    return None if place < 0 else int.from_bytes(sub.bill_months[place + DIGEST_BYTES : place + BILL_BYTES])


def lasting(key: bytes, month: int) -> bytes:
    """Pack what stays known of a bill for good: the digest of its id and its month."""
    return key + month.to_bytes(MONTH_BYTES)


def is_repeat(sub: Subscriber, event: Event) -> bool:
    """Tell whether this event was applied before, as far as ids are remembered (CONTRACTS section 3)."""
    if isinstance(event, UsageRecorded):
        return holds(sub.usage_ids, digest(event.event_id))
    typed = _typed_digest(event)
    return any(holds(seen, typed) for seen in sub.ids.values())


def remember(sub: Subscriber, event: Event, month: int, usage_recent: int) -> None:
    """Remember an applied event's id: usage by count, all else while its month can change."""
    if isinstance(event, UsageRecorded):
        sub.usage_ids = (sub.usage_ids + digest(event.event_id))[-usage_recent * DIGEST_BYTES :]
    else:
        sub.ids[month] = sub.ids.get(month, b"") + _typed_digest(event)


def digest(text: str) -> bytes:
    """Shorten an id to 6 bytes, the same in every process; digests stand one behind the other in a state.

    They are the first bytes of the hash: rows of layouts 1 and 2 kept all eight (docs/adr/0005).
    """
    return xxh3_64_digest(text.encode())[:DIGEST_BYTES]


def holds(digests: bytes, wanted: bytes) -> bool:
    """Tell whether a digest is one of those that stand one behind the other."""
    return _place(digests, wanted, DIGEST_BYTES) >= 0


def _place(packed: bytes, wanted: bytes, width_bytes: int) -> int:
    place = packed.find(wanted)
    while place % width_bytes and place >= 0:  # across two of them is none
        place = packed.find(wanted, place + 1)
    return place


def _typed_digest(event: Event) -> bytes:
    return digest(f"{event.type}\0{event.event_id}")


def _other_month(bill_id: str, belongs: int, month: int) -> str:
    return (
        f"bill_id {bill_id!r} belongs to billing_month {month_name(belongs)}, where it was first issued, "
        f"not {month_name(month)}: give the new bill its own bill_id, or move the amount with bill.adjusted"
    )


def _future(at: datetime) -> str:
    return f"occurred_at {at.isoformat()} is over an hour after the record's own timestamp: check the sender's clock"


def _final(month: int, final: int) -> str:
    return (
        f"billing month {month_name(month)} can no longer be corrected ({month_name(final)} and all before are final): "
        "book it as an adjustment of a later month"
    )
