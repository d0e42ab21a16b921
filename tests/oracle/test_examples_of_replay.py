"""Sections 1, 5 and 7: what is rejected and why, and where ticks stand. Expected answers are worked by hand."""

import json
from typing import Any

import pytest

from tests.oracle.examples import (
    Event,
    bill,
    changes,
    event,
    fee,
    payment,
    policy,
    replayed,
    revenues,
    tiers_after_closes,
    usage,
)

FEE = {**fee("2024-01-10", 30), "event_id": "f"}


def rejected(*lines: Event | bytes, until: str = "2024-01-20") -> dict[str, int]:
    return replayed(*lines, until=until).rejected


def without(line: Event, *names: str) -> Event:
    return {name: value for name, value in line.items() if name not in names}


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b'{"type": NaN}', b"{} {}"])
def test_what_is_no_json_is_named_so(line: bytes) -> None:
    assert rejected(line) == {"not_json": 1}


@pytest.mark.parametrize("line", [b"[]", b"7", b"null", b'"type"'])
def test_what_is_no_object_is_named_so(line: bytes) -> None:
    assert rejected(line) == {"not_an_object": 1}


def test_more_than_64_kib_is_too_large_whatever_it_is() -> None:
    size = 64 * 1024
    assert rejected(b"x" * size, b"x" * (size + 1)) == {"not_json": 1, "too_large": 1}
    text = json.dumps({**FEE, "note": ""})
    whole = json.dumps({**FEE, "note": "n" * (size - len(text))}).encode()
    assert rejected(whole) == {}
    assert rejected(whole + b" ") == {"too_large": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({**FEE, "type": "fee.invented"}, "unknown_type"),
        ({**FEE, "type": 7}, "unknown_type"),
        (without(FEE, "type"), "missing_field"),
        (without({**FEE, "event_id": ""}, "kind"), "missing_field"),
        (without({**FEE, "amount_fen": -1}, "occurred_at"), "missing_field"),
        (without(FEE, "amount_fen"), "missing_field"),
        (without(usage("2024-01-10", 1), "duration_seconds"), "missing_field"),
        ({**usage("2024-01-10", 1), "service": "data"}, "missing_field"),
        ({**usage("2024-01-10", 1), "service": "fax"}, "invalid_field"),
        ({**usage("2024-01-10", 1), "scope": "lunar"}, "invalid_field"),
        ({**usage("2024-01-10", 1), "duration_seconds": -1}, "invalid_field"),
        (event("subscriber.updated", "2024-01-10", unheard_of=1), "missing_field"),
        (payment("2024-01-10", 0), "invalid_field"),
        (bill("2024-01-10", "2024-01", -1), "invalid_field"),
        (bill("2024-01-10", "2024-01", 1, due_on="2024-02-30"), "invalid_field"),
        (bill("2024-01-10", "2024-1", 1), "invalid_field"),
        ({**FEE, "event_id": "e" * 65}, "invalid_field"),
        ({**FEE, "subscriber_id": "s/1"}, "invalid_field"),
        ({**FEE, "occurred_at": "2024-01-10T12:00:00"}, "invalid_field"),
        ({**FEE, "occurred_at": "2024-01-10T12:00:00.1234567Z"}, "invalid_field"),
        ({**FEE, "amount_fen": True}, "invalid_field"),
        ({**FEE, "billing_month": "2024-03"}, "invalid_field"),
    ],
)
def test_the_first_reason_that_applies_is_given(line: Event, reason: str) -> None:
    assert rejected(line) == {reason: 1}


@pytest.mark.parametrize(
    "line",
    [
        {**FEE, "unheard_of": None},
        {**FEE, "event_id": "e" * 64, "subscriber_id": "-_aZ09" + "s" * 58},
        {**FEE, "occurred_at": "2024-01-10T12:00:00.123456+14:00"},
        {**FEE, "billing_month": "2024-02"},
        bill("2024-01-10", "2024-01", 0),
        event("usage.recorded", "2024-01-10", service="value_added", message_count=0, charge_fen=0),
        event("contact.resulted", "2024-01-10", case_id="k", outcome="refused"),
        event("portout.requested", "2024-01-10"),
    ],
)
def test_what_keeps_to_the_contract_is_accepted(line: Event) -> None:
    assert rejected(line) == {}


def test_more_than_an_hour_after_the_end_is_in_the_future() -> None:
    ahead = [fee(f"2024-01-20T13:00:00.00000{n}Z", 30) for n in (0, 1)]
    assert rejected(*ahead) == {"in_the_future": 1}


def test_what_is_after_the_end_but_not_in_the_future_counts_and_moves_no_tick() -> None:
    given = replayed(fee("2024-02-02T23:30:00Z", 30), until="2024-02-02T23:00:00Z")
    assert given.rejected == {}
    assert given.subscribers["s"]["tier"] == "SILVER"
    assert given.months == {}


def test_a_tick_stands_before_the_event_that_reaches_it() -> None:
    closing = fee("2024-02-03T00:00:00Z", 5, billing_month="2024-01")
    given = replayed(fee("2024-01-10", 30), closing, until="2024-02-10")
    assert given.revisions == {("s", "2024-01"): 1}
    before = {**closing, "occurred_at": "2024-02-02T23:59:59.999999Z"}
    assert replayed(fee("2024-01-10", 30), before, until="2024-02-10").revisions == {("s", "2024-01"): 0}


def test_the_end_is_a_tick_and_stands_before_the_event_at_its_instant() -> None:
    fine = policy(billing={"grace_hours": 0})
    soon = policy(version="example-2", effective_at="2024-01-20T11:00:00Z", tiers=[{"code": "BEST", "floor_fen": 1}])
    given = replayed(fee("2024-01-10", 30), fee("2024-01-20", 1), until="2024-01-20", policies=[fine, soon])
    assert changes(given) == [("0", "SILVER", "live"), ("01-20T12", "BEST", "policy")]
    assert len(given.changes) == 2


def test_only_the_running_maximum_reaches_ticks() -> None:
    given = replayed(fee("2024-02-10", 0), fee("2024-01-10", 30), fee("2024-02-09", 0), until="2024-02-20")
    assert given.revisions == {("s", "2024-01"): 0}
    assert changes(given) == [("1", "SILVER", "correction")]


def test_before_the_first_event_only_the_latest_tick_reached_stands() -> None:
    # One tick closes all months up to November 2023 at once, under the policy of that tick.
    earlier = policy(effective_at="2023-01-01T00:00:00Z", tiers=[{"code": "OLD", "floor_fen": 1}])
    later = policy(version="example-2", effective_at="2023-12-15T00:00:00Z")
    given = replayed(
        fee("2024-01-01T00:00:00Z", 0), fee("2023-11-10", 30), until="2024-01-02", policies=[earlier, later]
    )
    assert [(month, last.official_tier) for (_, month), last in given.months.items()] == [("2023-11", "SILVER")]


@pytest.mark.parametrize(
    "line",
    [
        {**FEE, "occurred_at": "2024-02-20T00:00:00Z", "amount_fen": -1},
        {**without(FEE, "kind"), "occurred_at": "2024-02-20T00:00:00Z"},
        {**FEE, "occurred_at": "2024-04-01T00:00:00Z"},
    ],
)
def test_what_is_not_valid_in_itself_or_after_the_end_moves_nothing(line: Event) -> None:
    given = replayed(fee("2024-01-10", 30), line, fee("2024-01-11", 1), until="2024-03-10")
    # Were February's first days reached, the second fee would revise January.
    assert given.revisions["s", "2024-01"] == 0


@pytest.mark.parametrize(
    "line",
    [
        {**FEE, "occurred_at": "2024-02-20T00:00:00Z"},
        bill("2024-02-20", "2024-02", 1, bill_id="a"),
        fee("2024-02-20", 1, billing_month="2023-01"),
    ],
    ids=["duplicate", "bill of another month", "not correctable"],
)
def test_what_is_valid_in_itself_moves_ticks_even_if_it_is_not_applied(line: Event) -> None:
    given = replayed(
        {**FEE}, bill("2024-01-10", "2023-12", 1, bill_id="a"), line, fee("2024-01-11", 1), until="2024-03-10"
    )
    assert given.revisions["s", "2024-01"] == 1
    assert sum(given.rejected.values()) + sum(given.duplicates.values()) == 1


def test_ticks_stand_at_closes_that_are_no_midnights() -> None:
    thirty = policy(billing={"grace_hours": 30})
    given = replayed(
        fee("2024-01-10", 30), fee("2024-02-02T06:00:00Z", 0), until="2024-02-02T06:00:00Z", policies=[thirty]
    )
    assert tiers_after_closes(given) == {("s", "02-02T06"): "SILVER"}


def test_the_summary_shows_the_last_closed_window_and_the_open_months() -> None:
    lines = (fee("2024-01-10", 30), bill("2024-03-01", "2024-02", 9), fee("2024-03-05", 2))
    expected: dict[str, Any] = {
        "subscriber_id": "s",
        "tier": "SILVER",
        "official_tier": "SILVER",
        "arpu_closed_fen": 13,
        "arpu_live_fen": 14,
        "arrears_fen": 0,
        "credit_big_customer": False,
        "months": [
            {"billing_month": "2023-12", "revenue_fen": 0, "billed": False, "closed": True},
            {"billing_month": "2024-01", "revenue_fen": 30, "billed": False, "closed": True},
            {"billing_month": "2024-02", "revenue_fen": 9, "billed": True, "closed": True},
            {"billing_month": "2024-03", "revenue_fen": 2, "billed": False, "closed": False},
        ],
        "value_class": "none",
        "dynamic": False,
        "important": False,
        "assessed": False,
        "measures": [],
        "measures_until": {},
        "cross_stabilised": False,
        "tenure_months": None,
    }
    assert replayed(*lines, until="2024-03-10").subscribers == {"s": expected}
    assert revenues(replayed(*lines, until="2024-03-10")) == {"2024-01": 30, "2024-02": 9}
