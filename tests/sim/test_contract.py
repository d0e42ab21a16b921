"""Every event keeps CONTRACTS.md section 1, checked here by hand, strictly: no field unknown, none missing."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from stream_app.sim import DEMO, Event, Mix, Population, history

type_of = type
Check = Callable[[object], bool]

BUSY = Mix(
    big_share=0.5,
    movers=0.8,
    leavers=0.2,
    returners=0.2,
    late_payers=0.2,
    refunds=0.3,
    rebills=0.2,
    complaints=0.2,
    contract_lapses=0.4,
    kept=0.3,
    holidays=0.2,
    curious=0.2,
    campaigns=0.2,
)


def _one_of(*names: str) -> Check:
    return lambda value: value in names


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _whole(value: object) -> bool:
    return type_of(value) is int


def _at_least(least: int) -> Check:
    return lambda value: isinstance(value, int) and type_of(value) is int and value >= least


def _like(pattern: str) -> Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _day(value: object) -> bool:
    return isinstance(value, str) and date.fromisoformat(value).isoformat() == value


def _instant(value: object) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None


MONTH = _like(r"\d{4}-(0[1-9]|1[0-2])")
ID = _like(r"[A-Za-z0-9_-]{1,64}")
PROFILE: dict[str, Check] = {"plan?": _text, "brand?": _text, "branch_id?": _text, "joined_on?": _day}

FIELDS: dict[str, dict[str, Check]] = {
    "usage.recorded": {
        "service": _one_of("voice", "sms", "mms", "data", "value_added"),
        "charge_fen": _at_least(0),
        "duration_seconds?": _at_least(0),
        "volume_bytes?": _at_least(0),
        "message_count?": _at_least(0),
        "direction?": _one_of("outgoing", "incoming"),
        "scope?": _one_of(
            "local",
            "domestic_long_distance",
            "international_long_distance",
            "domestic_roaming",
            "international_roaming",
        ),
    },
    "fee.charged": {"kind": _text, "amount_fen": _at_least(0), "billing_month?": MONTH},
    "bill.issued": {"bill_id": _text, "billing_month": MONTH, "amount_fen": _at_least(0), "due_on?": _day},
    "bill.adjusted": {"billing_month": MONTH, "amount_fen": _whole, "bill_id?": _text, "reason?": _text},
    "payment.received": {"amount_fen": _at_least(1), "bill_id?": _text, "method?": _text},
    "balance.reported": {"balance_fen": _whole},
    "subscriber.activated": PROFILE,
    "subscriber.updated": PROFILE,
    "subscriber.deactivated": {"reason?": _text},
    "contract.signed": {"contract_id": _text, "kind": _text, "ends_on?": _day},
    "contract.ended": {"contract_id": _text, "kind": _text},
    "measure.enrolled": {"measure": _text, "until?": _day},
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
COMMON: dict[str, Check] = {"event_id": ID, "type": _one_of(*FIELDS), "subscriber_id": ID, "occurred_at": _instant}
QUANTITIES = {"voice": "duration_seconds", "data": "volume_bytes", "sms": "message_count"}


def faults_of(event: Event) -> list[str]:
    """Name the fields that are missing, ill-typed or unknown."""
    checks = {**COMMON, **FIELDS.get(str(event.get("type")), {})}
    known = {name.rstrip("?"): check for name, check in checks.items()}
    missing = [name for name in checks if not name.endswith("?") and name not in event]
    return missing + [name for name, value in event.items() if name not in known or not known[name](value)]


@cache
def busy_year() -> tuple[Event, ...]:
    start_at = datetime(2003, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    return tuple(history(Population(9, 60, BUSY, usage_per_day=1), start_at, start_at + timedelta(days=365)))


def test_every_event_keeps_the_contract() -> None:
    assert [(event, faults) for event in busy_year() if (faults := faults_of(event))] == []


def test_a_year_holds_every_type_that_a_simulation_sends() -> None:
    assert {event["type"] for event in busy_year()} == set(FIELDS)


def test_usage_holds_the_quantity_that_fits_its_service_and_no_other() -> None:
    for event in busy_year():
        if event["type"] == "usage.recorded":
            quantities = {"duration_seconds", "volume_bytes", "message_count"} & event.keys()
            assert quantities == {QUANTITIES[str(event["service"])]}


def test_an_update_holds_at_least_one_field() -> None:
    updates = [event for event in busy_year() if event["type"] == "subscriber.updated"]

    assert updates
    assert all(len(event) > len(COMMON) for event in updates)


def test_an_event_is_a_flat_json_object_of_modest_size() -> None:
    for event in busy_year():
        line = json.dumps(event)
        assert json.loads(line) == event
        assert len(line) < 1_000


def test_a_billing_month_is_not_ahead_of_its_event_and_can_still_be_corrected() -> None:
    for event in busy_year():
        if "billing_month" in event:
            named = date.fromisoformat(f"{event['billing_month']}-01")
            on = date.fromisoformat(str(event["occurred_at"])[:10])
            assert named <= on < named + timedelta(days=75)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"charge_fen": 1.5}, "charge_fen"),
        ({"scope": "lunar"}, "scope"),
        ({"occurred_at": "2003-01-01T00:00:00"}, "occurred_at"),
    ],
)
def test_the_check_itself_finds_a_fault(change: dict[str, object], fault: str) -> None:
    usage = next(event for event in busy_year() if event["type"] == "usage.recorded")

    assert faults_of({**usage, **change}) == [fault]  # type: ignore[dict-item]


def test_the_demo_population_is_the_default() -> None:
    assert Population(1, 1).mix is DEMO
