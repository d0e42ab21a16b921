"""Section 2, sentence by sentence: expected answers are worked by hand."""

import pytest

from tests.oracle.examples import (
    activated,
    bill,
    changes,
    deactivated,
    event,
    fee,
    payment,
    policy,
    replayed,
    revenues,
    row,
    signed,
    usage,
)


def test_a_month_is_found_in_the_billing_zone() -> None:
    shanghai = policy(billing={"zone": "Asia/Shanghai"})
    given = replayed(
        usage("2024-01-31T15:59:59.999999Z", 7),
        usage("2024-01-31T16:00:00Z", 9),
        until="2024-03-10",
        policies=[shanghai],
    )
    assert revenues(given) == {"2024-01": 7, "2024-02": 9}


def test_an_offset_changes_nothing_but_the_spelling() -> None:
    given = replayed(usage("2024-02-01T05:29:59+05:30", 7), usage("2024-01-31T19:00:00-05:00", 9), until="2024-03-10")
    assert revenues(given) == {"2024-01": 7, "2024-02": 9}


def test_a_month_is_named_after_the_day_it_starts_in() -> None:
    fifteenth = policy(billing={"anchor_day": 15})
    given = replayed(
        usage("2024-01-14T23:59:59Z", 1),
        usage("2024-01-15T00:00:00Z", 2),
        usage("2024-02-14T23:59:59Z", 4),
        usage("2024-02-15T00:00:00Z", 8),
        until="2024-03-20",
        policies=[fifteenth],
    )
    assert revenues(given) == {"2023-12": 1, "2024-01": 6, "2024-02": 8}


def test_a_month_starts_at_local_midnight_on_both_sides_of_summer_time() -> None:
    # New York is at -5 on 1 March and at -4 on 1 April 2024.
    new_york = policy(billing={"zone": "America/New_York"})
    given = replayed(
        usage("2024-03-01T04:59:59Z", 1),
        usage("2024-03-01T05:00:00Z", 2),
        usage("2024-04-01T03:59:59Z", 4),
        usage("2024-04-01T04:00:00Z", 8),
        until="2024-05-10",
        policies=[new_york],
    )
    assert revenues(given) == {"2024-02": 1, "2024-03": 6, "2024-04": 8}


def test_events_never_move_the_clock() -> None:
    # Worked at noon of 3 February: the last tick was its midnight, when January's close was due.
    given = replayed(usage("2024-01-10", 30), usage("2024-02-02T23:00:00Z", 1), until="2024-02-03T00:00:00Z")
    assert given.months.keys() == {("s", "2024-01")}
    given = replayed(usage("2024-01-10", 30), usage("2024-02-02T23:00:00Z", 1), until="2024-02-02T23:59:59Z")
    assert given.months == {}


def test_a_month_closes_at_its_end_and_the_grace_of_elapsed_hours() -> None:
    # Summer time starts in New York at 07:00Z of 10 March 2024. A month that ends on 9 March, 05:00Z, and 48 hours
    # is 11 March, 05:00Z: one in the morning there, not midnight.
    ninth = policy(billing={"zone": "America/New_York", "anchor_day": 9})
    given = replayed(usage("2024-02-20", 30), until="2024-03-11T04:59:59Z", policies=[ninth])
    assert given.months == {}
    given = replayed(usage("2024-02-20", 30), until="2024-03-11T05:00:00Z", policies=[ninth])
    assert revenues(given) == {"2024-02": 30}


def test_with_no_grace_a_month_closes_as_it_ends() -> None:
    at_once = policy(billing={"grace_hours": 0})
    given = replayed(usage("2024-01-10", 30), until="2024-02-01T00:00:00Z", policies=[at_once])
    assert revenues(given) == {"2024-01": 30}
    assert [month["billing_month"] for month in given.subscribers["s"]["months"] if not month["closed"]] == ["2024-02"]


def test_two_months_are_open_in_the_grace_period() -> None:
    given = replayed(usage("2024-01-10", 30), until="2024-02-02")
    shown = [(month["billing_month"], month["closed"]) for month in given.subscribers["s"]["months"]]
    assert shown == [
        ("2023-10", True),
        ("2023-11", True),
        ("2023-12", True),
        ("2024-01", False),
        ("2024-02", False),
    ]


def test_a_month_can_be_corrected_until_the_third_later_month_has_closed() -> None:
    # January's third later month, April, closes on 3 May at midnight.
    given = replayed(
        usage("2024-01-10", 1),
        usage("2024-05-02T23:59:59Z", 0),
        usage("2024-01-11", 2),
        usage("2024-05-03T00:00:00Z", 0),
        usage("2024-01-12", 4),
        until="2024-05-04",
    )
    assert row(given, "2024-01").revenue_fen == 3
    assert given.rejected == {"month_not_correctable": 1}


@pytest.mark.parametrize(
    "late",
    [
        usage("2024-01-20", 1),
        payment("2024-01-20", 1),
        deactivated("2024-01-20"),
        signed("2024-01-20"),
        event("complaint.closed", "2024-01-20", complaint_id="q"),
        fee("2024-03-05", 1, billing_month="2024-01"),
        bill("2024-03-05", "2024-01", 1),
    ],
    ids=lambda late: str(late["type"]),
)
def test_an_event_of_any_type_is_held_to_its_month(late: dict[str, object]) -> None:
    one = policy(billing={"correctable_months": 1})
    # February closes on 3 March: one later month has closed for January.
    given = replayed(usage("2024-01-10", 1), usage("2024-03-04", 0), late, until="2024-03-10", policies=[one])
    assert given.rejected == {"month_not_correctable": 1}


def test_a_billing_month_counts_before_the_month_of_occurred_at() -> None:
    one = policy(billing={"correctable_months": 1})
    late = fee("2024-01-20", 5, billing_month="2024-02")
    given = replayed(usage("2024-02-10", 1), usage("2024-03-04", 0), late, until="2024-03-10", policies=[one])
    assert given.rejected == {}
    # January, before the first month so far, gets the row it missed; nothing was charged in it.
    assert revenues(given) == {"2024-01": 0, "2024-02": 6}


def test_what_can_no_longer_be_corrected_is_rejected_before_duplicates_are_looked_for() -> None:
    one = policy(billing={"correctable_months": 1})
    first = usage("2024-01-10", 1, event_id="u")
    given = replayed(first, usage("2024-03-04", 0), first, until="2024-03-10", policies=[one])
    assert given.rejected == {"month_not_correctable": 1}
    assert given.duplicates == {}


def test_who_leaves_as_a_month_starts_was_on_the_network_in_it() -> None:
    given = replayed(usage("2024-01-10", 30), deactivated("2024-02-01T00:00:00Z"), until="2024-04-10")
    assert [(month, last.on_network) for (_, month), last in given.months.items()] == [
        ("2024-01", True),
        ("2024-02", False),
    ]


def test_who_leaves_just_before_a_month_starts_was_not_on_the_network_in_it() -> None:
    given = replayed(usage("2024-01-10", 30), deactivated("2024-01-31T23:59:59.999999Z"), until="2024-04-10")
    assert [(month, last.on_network) for (_, month), last in given.months.items()] == [("2024-01", False)]


def test_who_comes_as_a_month_starts_was_off_at_the_end_of_the_one_before() -> None:
    given = replayed(deactivated("2024-01-10"), activated("2024-03-01T00:00:00Z"), until="2024-04-10")
    assert {month: last.on_network for (_, month), last in given.months.items()} == {"2024-01": False, "2024-03": True}


@pytest.mark.parametrize("order", [(activated, deactivated), (deactivated, activated)])
def test_at_equal_instants_activation_wins(order: tuple[object, object]) -> None:
    both = [signal("2024-01-20") for signal in order if callable(signal)]
    given = replayed(usage("2024-01-10", 30), *both, until="2024-02-10")
    assert row(given, "2024-01").on_network
    assert given.subscribers["s"]["tier"] == "SILVER"


def test_the_state_is_the_latest_by_occurred_at_not_by_arrival() -> None:
    given = replayed(usage("2024-01-10", 30), deactivated("2024-01-25"), activated("2024-01-20"), until="2024-02-10")
    assert not row(given, "2024-01").on_network
    assert given.subscribers["s"]["tier"] is None


def test_before_the_first_signal_a_customer_was_on() -> None:
    given = replayed(usage("2024-01-10", 30), activated("2024-03-05"), until="2024-04-10")
    assert [(month, last.on_network) for (_, month), last in given.months.items()] == [
        ("2024-01", True),
        ("2024-02", True),
        ("2024-03", True),
    ]


def test_a_silent_customer_still_rolls_over() -> None:
    given = replayed(usage("2024-01-10", 30), until="2024-06-10")
    assert [(month, last.revenue_fen, last.arpu_fen) for (_, month), last in given.months.items()] == [
        ("2024-01", 30, 10),
        ("2024-02", 0, 10),
        ("2024-03", 0, 10),
        ("2024-04", 0, 0),
        ("2024-05", 0, 0),
    ]
    assert changes(given) == [("0", "SILVER", "live"), ("05-03T00", None, "close")]
