"""Rows of subscribers as earlier releases laid them out, brought to the layout of today (docs/adr/0005).

Rule: what stands here is history, and never changes; a new layout adds the reader of the last one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Raw, Struct, field
from msgspec.msgpack import Decoder, Encoder

from stream_app.core.admission import DIGEST_BYTES, lasting
from stream_app.core.state import DUE_FROM, NEVER, TRAITS, Bill, Month, Subscriber

WIDE_BYTES = 8  # of a digest in layout 2


class Subscriber2(Struct, array_like=True, gc=False):
    """Layout 2: digests of 8 bytes, each bill's month and the profile by name, days counted from the year 1."""

    wake_day: int = NEVER
    serial: int = 0
    closed: int = -1
    first_month: int = NEVER
    tier: str | None = None
    standing: int = 0
    headroom_fen: int = 0
    branch_id: str | None = None
    months: dict[int, Month] = field(default_factory=dict)
    usage_ids: bytes = b""
    ids: dict[int, bytes] = field(default_factory=dict)
    bills: dict[int, Bill] = field(default_factory=dict)
    bill_months: dict[int, int] = field(default_factory=dict)
    due: dict[int, int] = field(default_factory=dict)
    overdue_fen: int = 0
    credit_fen: int = 0
    switches: list[tuple[datetime, bool]] = field(default_factory=list)
    contracts: dict[str, int] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    profile_at: datetime | None = None


_Number = Annotated[int, Meta(ge=0)]
_encoder = Encoder()
_second = Decoder(Subscriber2)
_fields = Decoder(list[Raw])
_usage_ids_1, _ids_1 = Decoder(list[_Number]), Decoder(dict[_Number, int])
_USAGE_IDS, _IDS = map(Subscriber2.__struct_fields__.index, ("usage_ids", "ids"))


def from_first(content: memoryview) -> Subscriber:
    """Read layout 1, which had each of the ids that are remembered as a number of its own.

    Raises:
        DecodeError, OverflowError, ValueError: it does not read.

    """
    fields = _fields.decode(content)
    if len(fields) > _USAGE_IDS:
        numbers = _usage_ids_1.decode(fields[_USAGE_IDS])
        fields[_USAGE_IDS] = Raw(_encoder.encode(b"".join(map(_wide, numbers))))
    if len(fields) > _IDS:
        fields[_IDS] = Raw(_encoder.encode(_by_month(_ids_1.decode(fields[_IDS]))))
    return from_second(_encoder.encode(fields))


def from_second(content: memoryview | bytes) -> Subscriber:
    """Read layout 2.

    Raises:
        DecodeError, OverflowError, ValueError: it does not read.

    """
    old = _second.decode(content)
    traits = {TRAITS.index(name): text for name, text in old.profile.items()}
    return Subscriber(
        wake_day=old.wake_day,
        serial=old.serial,
        closed=old.closed,
        first_month=old.first_month,
        tier=old.tier,
        standing=old.standing,
        headroom_fen=old.headroom_fen,
        months=old.months,
        usage_ids=_narrow(old.usage_ids),
        ids={month: _narrow(digests) for month, digests in old.ids.items()},
        bills={_digest(number): _bill(bill) for number, bill in old.bills.items()},
        bill_months=b"".join(lasting(_digest(number), month) for number, month in old.bill_months.items()),
        due={day - DUE_FROM: amount_fen for day, amount_fen in old.due.items()},
        overdue_fen=old.overdue_fen,
        credit_fen=old.credit_fen,
        switches=old.switches,
        contracts=old.contracts,
        traits=traits if old.branch_id is None else {TRAITS.index("branch_id"): old.branch_id, **traits},
        profile_at=old.profile_at,
    )


def _by_month(ids: Mapping[int, int]) -> dict[int, bytes]:
    digests: dict[int, bytes] = {}
    for number, month in ids.items():
        digests[month] = digests.get(month, b"") + _wide(number)
    return digests


def _wide(number: int) -> bytes:
    return number.to_bytes(WIDE_BYTES)


def _digest(number: int) -> bytes:
    return _wide(number)[:DIGEST_BYTES]


def _narrow(digests: bytes) -> bytes:
    return b"".join([digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), WIDE_BYTES)])


def _bill(bill: Bill) -> Bill:
    return Bill(bill.month, bill.amount_fen, None if bill.due_day is None else bill.due_day - DUE_FROM)
