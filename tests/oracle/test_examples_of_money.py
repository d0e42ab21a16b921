"""Section 3, sentence by sentence: expected answers are worked by hand."""

import pytest

from tests.oracle.examples import (
    activated,
    adjustment,
    bill,
    deactivated,
    event,
    fee,
    policy,
    replayed,
    revenues,
    row,
    usage,
)


def test_accrued_is_usage_and_fees_of_the_month() -> None:
    incoming = usage("2024-01-12", 4, direction="incoming")
    given = replayed(usage("2024-01-10", 1), fee("2024-01-11", 2), incoming, until="2024-02-10")
    assert row(given, "2024-01").revenue_fen == 7
    assert not row(given, "2024-01").billed


def test_a_fee_counts_for_the_month_it_names() -> None:
    given = replayed(
        fee("2024-01-31", 1), fee("2024-01-31", 2, billing_month="2024-02"), fee("2024-02-01", 4), until="2024-03-10"
    )
    assert revenues(given) == {"2024-01": 1, "2024-02": 6}


def test_a_bill_supersedes_what_has_accrued_even_a_bill_of_nothing() -> None:
    given = replayed(usage("2024-01-10", 50), bill("2024-02-01", "2024-01", 0), until="2024-02-10")
    assert row(given, "2024-01") == (0, True, 0, None, True)


def test_usage_after_the_bill_does_not_count_while_there_is_a_bill() -> None:
    given = replayed(bill("2024-02-01", "2024-01", 20), usage("2024-01-10", 50), until="2024-02-10")
    assert row(given, "2024-01").revenue_fen == 20


def test_billed_is_the_last_issue_by_arrival_of_each_bill() -> None:
    given = replayed(
        usage("2024-01-10", 50),
        bill("2024-02-02", "2024-01", 20, bill_id="a"),
        bill("2024-02-02", "2024-01", 5, bill_id="b"),
        bill("2024-02-01", "2024-01", 9, bill_id="a"),
        until="2024-02-10",
    )
    assert row(given, "2024-01").revenue_fen == 14


def test_a_bill_belongs_for_good_to_the_month_of_its_first_accepted_issue() -> None:
    given = replayed(
        usage("2024-01-10", 50),
        bill("2024-02-01", "2024-01", 20, bill_id="a"),
        bill("2024-02-02", "2023-12", 5, bill_id="a"),
        bill("2024-09-10", "2024-08", 5, bill_id="a"),
        until="2024-09-15",
    )
    assert given.rejected == {"invalid_field": 2}
    assert row(given, "2024-01").revenue_fen == 20


def test_a_rejected_issue_does_not_give_a_bill_its_month() -> None:
    given = replayed(
        usage("2024-05-10", 0),
        usage("2024-06-10", 0),
        bill("2024-06-10", "2024-01", 20, bill_id="a"),
        bill("2024-06-11", "2024-05", 5, bill_id="a"),
        until="2024-06-15",
    )
    assert given.rejected == {"month_not_correctable": 1}
    assert row(given, "2024-05").revenue_fen == 5


def test_a_bill_id_is_one_subscribers_own() -> None:
    other = bill("2024-02-02", "2023-12", 5, bill_id="a") | {"subscriber_id": "t"}
    given = replayed(bill("2024-02-01", "2024-01", 20, bill_id="a"), other, until="2024-02-10")
    assert given.rejected == {}


def test_an_adjustment_is_not_checked_against_its_bill() -> None:
    stray = adjustment("2024-02-02", "2023-12", 5) | {"bill_id": "a"}
    given = replayed(bill("2024-02-01", "2024-01", 20, bill_id="a"), stray, until="2024-02-10")
    assert given.rejected == {}


def test_the_wrong_month_of_a_bill_is_found_before_what_can_no_longer_be_corrected_and_before_duplicates() -> None:
    first = bill("2024-05-01", "2024-04", 20, bill_id="a", event_id="i")
    given = replayed(
        first, {**first, "billing_month": "2024-03"}, bill("2024-05-10", "2024-01", 5, bill_id="a"), until="2024-05-15"
    )
    assert given.rejected == {"invalid_field": 2}
    assert given.duplicates == {}


def test_revenue_adds_the_adjustments_to_what_was_billed_or_else_accrued() -> None:
    given = replayed(
        usage("2024-01-10", 10),
        adjustment("2024-01-11", "2024-01", 3),
        adjustment("2024-01-12", "2024-01", -5),
        bill("2024-03-01", "2024-02", 20),
        adjustment("2024-03-02", "2024-02", -1),
        until="2024-03-10",
    )
    assert revenues(given) == {"2024-01": 8, "2024-02": 19}


@pytest.mark.parametrize(("sum_fen", "arpu_fen"), [(1, 0), (2, 1), (3, 1), (4, 1), (5, 2), (-1, 0), (-2, -1), (-4, -1)])
def test_arpu_is_a_third_rounded_half_up(sum_fen: int, arpu_fen: int) -> None:
    given = replayed(adjustment("2024-01-10", "2024-01", sum_fen), until="2024-02-10")
    assert row(given, "2024-01")[:3] == (sum_fen, False, arpu_fen)


def test_a_window_is_three_calendar_months_whoever_was_on_the_network() -> None:
    given = replayed(
        usage("2024-01-10", 30),
        deactivated("2024-01-20"),
        usage("2024-02-10", 9),
        activated("2024-03-10"),
        usage("2024-03-11", 21),
        until="2024-04-10",
    )
    # February, off the network throughout, has no row; its usage counts all the same.
    assert revenues(given) == {"2024-01": 30, "2024-03": 21}
    assert row(given, "2024-03").arpu_fen == 20


def test_arpu_closed_is_of_the_last_closed_month_and_arpu_live_the_highest_of_open_ones() -> None:
    lines = (usage("2023-12-10", 90), usage("2024-01-10", 30), adjustment("2024-02-01", "2024-02", -60))
    both_open = replayed(*lines, until="2024-02-02").subscribers["s"]
    # Open windows: to January 120, to February 60.
    assert (both_open["arpu_closed_fen"], both_open["arpu_live_fen"]) == (30, 40)
    one_open = replayed(*lines, until="2024-02-03").subscribers["s"]
    assert (one_open["arpu_closed_fen"], one_open["arpu_live_fen"]) == (40, 20)


def test_what_is_charged_for_the_month_to_come_waits_for_the_clock() -> None:
    ahead = fee("2024-01-30", 60, billing_month="2024-02")
    assert replayed(ahead, until="2024-01-31").subscribers["s"]["tier"] is None
    assert replayed(ahead, until="2024-02-01T00:00:00Z").subscribers["s"]["tier"] == "GOLD"


def test_an_id_applied_for_the_same_subscriber_and_type_is_dropped_whatever_it_says() -> None:
    first = fee("2024-01-10", 10, event_id="f")
    given = replayed(
        first,
        {**first, "amount_fen": 99, "occurred_at": "2024-02-20T00:00:00Z"},
        usage("2024-01-10", 1, event_id="f"),
        {**first, "subscriber_id": "t"},
        until="2024-02-25",
    )
    assert given.duplicates == {"fee.charged": 1}
    assert row(given, "2024-01").revenue_fen == 11


def test_a_rejected_event_leaves_no_id() -> None:
    given = replayed(
        usage("2024-06-10", 0),
        fee("2024-01-10", 10, event_id="f"),
        fee("2024-06-10", 10, event_id="f"),
        until="2024-06-15",
    )
    assert given.rejected == {"month_not_correctable": 1}
    assert given.duplicates == {}


def test_an_id_is_forgotten_once_its_month_can_no_longer_change() -> None:
    one = policy(billing={"correctable_months": 1})
    first = event("balance.reported", "2024-01-10", balance_fen=1, event_id="r")
    again = first | {"occurred_at": "2024-03-02T12:00:00Z"}
    # February closes, and January is settled, on 3 March at midnight.
    given = replayed(first, again, {**again, "occurred_at": "2024-03-03T00:00:00Z"}, until="2024-03-10", policies=[one])
    assert given.duplicates == {"balance.reported": 1}


def test_an_id_is_remembered_by_the_month_it_touches_not_the_one_it_came_in() -> None:
    one = policy(billing={"correctable_months": 1})
    first = fee("2024-01-10", 1, event_id="f", billing_month="2024-02")
    again = fee("2024-03-05", 1, event_id="f")
    assert replayed(first, again, until="2024-03-10", policies=[one]).duplicates == {"fee.charged": 1}


def test_usage_ids_are_the_last_distinct_ones_applied() -> None:
    two = policy(dedup={"usage_recent": 2})
    ids = "abacaa"
    # a, b applied; a dropped, not renewed; c applied (b, c are remembered); a applied (c, a are); a dropped.
    given = replayed(*(usage("2024-01-10", 1, event_id=name) for name in ids), until="2024-02-10", policies=[two])
    assert given.duplicates == {"usage.recorded": 2}
    assert row(given, "2024-01").revenue_fen == 4


def test_sixteen_usage_ids_are_remembered_unless_the_policy_says_otherwise() -> None:
    sixteen = [usage("2024-01-10", 1, event_id=f"u{n}") for n in range(16)]
    assert replayed(*sixteen, sixteen[0], until="2024-01-20").duplicates == {"usage.recorded": 1}
    more = usage("2024-01-10", 1, event_id="u16")
    assert replayed(*sixteen, more, sixteen[0], until="2024-01-20").duplicates == {}
    assert replayed(*sixteen, more, sixteen[1], until="2024-01-20").duplicates == {"usage.recorded": 1}


def test_usage_ids_of_a_settled_month_still_count_as_recent() -> None:
    one = policy(billing={"correctable_months": 1})
    again = usage("2024-03-05", 1, event_id="u")
    given = replayed(usage("2024-01-10", 1, event_id="u"), again, until="2024-03-10", policies=[one])
    assert given.duplicates == {"usage.recorded": 1}
