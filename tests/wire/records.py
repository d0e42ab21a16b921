"""Records for the tests: hypothesis strategies of objects that conform, nearly conform, or do not at all."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from stream_app.core.events import QUANTITY_FIELDS, SCOPES, SERVICES, TOPIC_OF_TYPE
from stream_app.core.months import calendar_for
from stream_app.core.state import TRAITS
from stream_app.wire.decode import EVENT_MODELS, Decoder
from stream_app.wire.instants import write_instant

DECODER = Decoder(calendar_for("Asia/Shanghai", 1))
COMMON: Mapping[str, Any] = {
    "event_id": "e-1",
    "subscriber_id": "s-1",
    "occurred_at": "2025-03-01T08:00:00+08:00",
}
LEAST_OF_TYPE: Mapping[str, Mapping[str, Any]] = {
    "usage.recorded": {"service": "voice", "duration_seconds": 61, "charge_fen": 30},
    "fee.charged": {"kind": "monthly", "amount_fen": 1},
    "bill.issued": {"bill_id": "b-1", "billing_month": "2025-02", "amount_fen": 1},
    "bill.adjusted": {"billing_month": "2025-02", "amount_fen": -1},
    "payment.received": {"amount_fen": 1},
    "balance.reported": {"balance_fen": -1},
    "subscriber.activated": {},
    "subscriber.updated": {"plan": "a"},
    "subscriber.deactivated": {},
    "contract.signed": {"contract_id": "c-1", "kind": "handset"},
    "contract.ended": {"contract_id": "c-1", "kind": "handset"},
    "measure.enrolled": {"measure": "family_plan"},
    "measure.ended": {"measure": "family_plan"},
    "complaint.filed": {"complaint_id": "k-1", "severity": "normal"},
    "complaint.closed": {"complaint_id": "k-1"},
    "competitor.contacted": {"kind": "other"},
    "portout.requested": {},
    "contact.resulted": {"case_id": "case-1", "outcome": "reached"},
}
OPTIONAL = ("due_on", "ends_on", "until", "bill_id", "reason", "method", "topic", "measure", "competitor_offer")


def record(type_name: str, **changes: Any) -> dict[str, Any]:
    """Make the least record of a type, changed."""
    return {"type": type_name, **COMMON, **LEAST_OF_TYPE[type_name], **changes}


def encoded(content: object) -> bytes:
    """Write JSON as a plain producer does."""
    return json.dumps(content).encode()


def topic_of(type_name: str) -> str:
    return TOPIC_OF_TYPE[type_name]


instants = st.builds(
    lambda at, minutes: at.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(),
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001 - the offset comes next
    st.integers(-1439, 1439),
) | st.datetimes(timezones=st.just(UTC), min_value=datetime(2, 1, 1)).map(write_instant)  # noqa: DTZ001
amounts = st.integers(0, 10**13)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)

usage_records = st.builds(
    lambda service, quantity, fields: fields | {"service": service, QUANTITY_FIELDS[service]: quantity},
    st.sampled_from(SERVICES),
    amounts,
    st.fixed_dictionaries(
        {
            "type": st.just("usage.recorded"),
            "event_id": names,
            "subscriber_id": st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
            "occurred_at": instants,
            "charge_fen": amounts,
        },
        optional={
            "direction": st.sampled_from(["outgoing", "incoming", None]),
            "scope": st.sampled_from([*SCOPES, None]),
        },
    ),
)

ODD_VALUES: Sequence[Any] = [
    None,
    True,
    False,
    -1,
    0,
    1,
    5.5,
    10**13,
    10**13 + 1,
    -(10**13),
    2**64,
    10**40,
    "",
    "12",
    "a",
    "é" * 64,
    "x" * 65,
    "x" * 256,
    "x" * 257,
    "x" * 1025,
    "s-1\n",
    [],
    {},
    ["a"],
    {"a": 1},
    "2025-03-01",
    "2024-02-29",
    "2025-02-29",
    "1900-02-29",
    "2000-02-29",
    "0000-01-01",
    "2025-03-01\n",
    "2025-02",
    "2025-13",
    "0000-01",
    "٢025-02",
    "2025-03-01T08:00:00Z",
    "2025-03-01t08:00:00.123456z",
    "2025-03-01T08:00:00.1234567Z",
    "2025-03-01T08:00:00.Z",
    "2025-03-01 08:00:00Z",
    "2025-03-01T24:00:00Z",
    "2025-03-01T23:59:60Z",
    "2025-03-01T08:00Z",
    "20250301T080000Z",
    "2025-W09-6T08:00:00Z",
    "2025-03-01T08:00:00",
    "2025-03-01T08:00:00+24:00",
    "2025-03-01T08:00:00+08:00:30",
    "2025-03-01T08:00:00-00:00",
    "2025-03-01T08:00:00Z\n",
    *SERVICES,
    *SCOPES,
    "incoming",
    "outgoing",
    "escalated",
    "call_forwarding",
    "accepted",
]
odd_values = st.sampled_from(ODD_VALUES)
field_names = st.sampled_from(
    [
        *COMMON,
        *sorted({name for own in LEAST_OF_TYPE.values() for name in own}),
        *dict.fromkeys(QUANTITY_FIELDS.values()),
        *TRAITS,
        *OPTIONAL,
        "direction",
        "scope",
        "never_heard_of",
    ]
)


@st.composite
def near_records(draw: st.DrawFn, type_names: Sequence[str] = tuple(EVENT_MODELS)) -> dict[str, Any]:
    """Draw a least record with up to three fields changed or taken away."""
    content = record(draw(st.sampled_from(type_names)))
    for name in draw(st.lists(st.sampled_from(list(content)), max_size=1)):
        del content[name]
    return content | draw(st.dictionaries(field_names, odd_values, max_size=3))
