"""What one line is by itself: an event, or the reason it is rejected for, whatever was worked before.

CONTRACTS sections 1 and 5.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tests.oracle.months import Calendar, named

LARGEST_BYTES = 64 * 1024
Test = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Event:
    """An event valid in itself; `month` is its `billing_month`, else that of `occurred_at`."""

    line: int
    type: str
    event_id: str
    subscriber_id: str
    occurred_at: datetime
    month: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that is no event, and why."""

    reason: str


def read(number: int, line: bytes | Mapping[str, Any], calendar: Calendar) -> Event | Rejected:
    """Read one line; the reasons are looked for in the order of CONTRACTS section 5."""
    fields = _object(line)
    if isinstance(fields, Rejected):
        return fields
    reason = _unknown(fields) or _missing(fields) or _invalid(fields)
    return Rejected(reason) if reason else _event(number, fields, calendar)


def _object(line: bytes | Mapping[str, Any]) -> Mapping[str, Any] | Rejected:
    if isinstance(line, Mapping):
        return line
    if len(line) > LARGEST_BYTES:
        return Rejected("too_large")
    try:
        value = json.loads(line.decode(), parse_constant=_refuse)
    except ValueError:
        return Rejected("not_json")
    return value if isinstance(value, dict) else Rejected("not_an_object")


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _unknown(fields: Mapping[str, Any]) -> str | None:
    known = "type" not in fields or (isinstance(fields["type"], str) and fields["type"] in OWN_FIELDS)
    return None if known else "unknown_type"


def _missing(fields: Mapping[str, Any]) -> str | None:
    wanted = {"type", *COMMON, *_required(fields)}
    if not wanted <= fields.keys():
        return "missing_field"
    empty_update = fields["type"] == "subscriber.updated" and not PROFILE.keys() & fields.keys()
    return "missing_field" if empty_update else None


def _required(fields: Mapping[str, Any]) -> set[str]:
    if "type" not in fields:
        return set()
    wanted = {name for name in OWN_FIELDS[fields["type"]] if not name.endswith("?")}
    quantity = QUANTITIES.get(_hashable(fields.get("service")))
    return wanted | {quantity} if fields["type"] == "usage.recorded" and quantity else wanted


def _hashable(value: object) -> str:
    return value if isinstance(value, str) else ""


def _invalid(fields: Mapping[str, Any]) -> str | None:
    own = {name.rstrip("?"): test for name, test in OWN_FIELDS[fields["type"]].items()}
    if fields["type"] == "usage.recorded":
        quantity = QUANTITIES.get(_hashable(fields["service"]), "charge_fen")
        own[quantity] = _not_negative
    tests = COMMON | own
    sound = all(test(fields[name]) for name, test in tests.items() if name in fields)
    return None if sound else "invalid_field"


def _event(number: int, fields: Mapping[str, Any], calendar: Calendar) -> Event | Rejected:
    occurred_at = _instant(fields["occurred_at"])
    occurred_in = calendar.month_of(occurred_at)
    has_month = "billing_month" in OWN_FIELDS[fields["type"]] or "billing_month?" in OWN_FIELDS[fields["type"]]
    month = named(fields["billing_month"]) if has_month and "billing_month" in fields else occurred_in
    if month > occurred_in + 1:
        return Rejected("invalid_field")
    return Event(number, fields["type"], fields["event_id"], fields["subscriber_id"], occurred_at, month, fields)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def _is_instant(value: object) -> bool:
    shape = r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)"
    if not isinstance(value, str) or not re.fullmatch(shape, value, re.ASCII):
        return False
    try:
        _instant(value)
    except (ValueError, OverflowError):
        return False
    return True


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_month(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value, re.ASCII))


def _integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _not_negative(value: object) -> bool:
    return isinstance(value, int) and _integer(value) and value >= 0


def _positive(value: object) -> bool:
    return _not_negative(value) and value != 0


def _text(value: object) -> bool:
    return isinstance(value, str)


def _matches(pattern: str) -> Test:
    return lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value, re.ASCII | re.DOTALL))


def _one_of(*words: str) -> Test:
    return lambda value: isinstance(value, str) and value in words


_PROFILE_TEXTS = ("plan", "brand", "branch_id", "customer_class", "group_id", "group_class", "industry", "language")
PROFILE: dict[str, Test] = {**dict.fromkeys(_PROFILE_TEXTS, _text), "joined_on": _is_date}
COMMON: dict[str, Test] = {
    "event_id": _matches(".{1,64}"),
    "subscriber_id": _matches("[A-Za-z0-9_-]{1,64}"),
    "occurred_at": _is_instant,
}
QUANTITIES = {
    "voice": "duration_seconds",
    "data": "volume_bytes",
    "sms": "message_count",
    "mms": "message_count",
    "value_added": "message_count",
}
_SCOPES = (
    "local",
    "domestic_long_distance",
    "international_long_distance",
    "domestic_roaming",
    "international_roaming",
)
_OPTIONAL_PROFILE: dict[str, Test] = {f"{name}?": test for name, test in PROFILE.items()}
OWN_FIELDS: dict[str, dict[str, Test]] = {
    "usage.recorded": {
        "service": _one_of(*QUANTITIES),
        "charge_fen": _not_negative,
        "direction?": _one_of("outgoing", "incoming"),
        "scope?": _one_of(*_SCOPES),
    },
    "fee.charged": {"kind": _text, "amount_fen": _not_negative, "billing_month?": _is_month},
    "bill.issued": {"bill_id": _text, "billing_month": _is_month, "amount_fen": _not_negative, "due_on?": _is_date},
    "bill.adjusted": {"billing_month": _is_month, "amount_fen": _integer, "bill_id?": _text, "reason?": _text},
    "payment.received": {"amount_fen": _positive, "bill_id?": _text, "method?": _text},
    "balance.reported": {"balance_fen": _integer},
    "subscriber.activated": _OPTIONAL_PROFILE,
    "subscriber.updated": _OPTIONAL_PROFILE,
    "subscriber.deactivated": {"reason?": _text},
    "contract.signed": {"contract_id": _text, "kind": _text, "ends_on?": _is_date},
    "contract.ended": {"contract_id": _text, "kind": _text},
    "measure.enrolled": {"measure": _text, "until?": _is_date},
    "measure.ended": {"measure": _text},
    "complaint.filed": {"complaint_id": _text, "severity": _one_of("normal", "escalated"), "topic?": _text},
    "complaint.closed": {"complaint_id": _text},
    "competitor.contacted": {"kind": _one_of("hotline_call", "call_forwarding", "other")},
    "portout.requested": {},
    "contact.resulted": {
        "case_id": _text,
        "outcome": _one_of("reached", "not_reached", "accepted", "refused"),
        "measure?": _text,
        "reason?": _text,
        "competitor_offer?": _text,
    },
}
