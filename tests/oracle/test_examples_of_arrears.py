"""Section 4 on arrears, and the reasons and rows of section 5: expected answers are worked by hand."""

from tests.oracle.examples import (
    activated,
    adjustment,
    bill,
    changes,
    deactivated,
    fee,
    officials,
    payment,
    policy,
    replayed,
    revenues,
    row,
    signed,
    tiers_after_closes,
    usage,
)
from tests.oracle.oracle import Answer

TEN_DAYS = policy(tier_policy={"arrears_grace_days": 10})
BILL = bill("2024-02-01", "2024-01", 40, due_on="2024-02-10")


def arrears_fen(*lines: dict[str, object], until: str = "2024-02-25") -> int:
    given = replayed(*lines, until=until, policies=[TEN_DAYS])
    return int(given.subscribers["s"]["arrears_fen"])


def test_a_bill_is_overdue_when_the_local_date_is_past_due_on_and_the_grace_days() -> None:
    assert arrears_fen(BILL, until="2024-02-20T23:59:59Z") == 0
    assert arrears_fen(BILL, until="2024-02-21T00:00:00Z") == 40


def test_thirty_days_are_the_default() -> None:
    # 10 February and 30 days is 11 March.
    assert replayed(BILL, until="2024-03-11T23:00:00Z").subscribers["s"]["arrears_fen"] == 0
    assert replayed(BILL, until="2024-03-12T00:00:00Z").subscribers["s"]["arrears_fen"] == 40


def test_the_date_is_that_of_the_billing_zone() -> None:
    shanghai = policy(billing={"zone": "Asia/Shanghai"}, tier_policy={"arrears_grace_days": 10})
    for until, fen in (("2024-02-20T15:59:59Z", 0), ("2024-02-20T16:00:00Z", 40)):
        assert replayed(BILL, until=until, policies=[shanghai]).subscribers["s"]["arrears_fen"] == fen


def test_payments_and_negative_adjustments_lower_the_arrears_and_positive_ones_do_nothing() -> None:
    assert arrears_fen(BILL, payment("2024-02-02", 15)) == 25
    assert arrears_fen(BILL, adjustment("2024-02-02", "2024-02", -15)) == 25
    assert arrears_fen(BILL, adjustment("2024-02-02", "2024-02", 15)) == 40
    assert arrears_fen(BILL, payment("2024-02-02", 41)) == 0


def test_a_payment_before_the_bill_counts_over_the_whole_history() -> None:
    assert arrears_fen(payment("2023-06-10", 15), usage("2024-01-10", 0), BILL) == 25


def test_the_amount_and_the_date_are_of_the_last_issue() -> None:
    later = bill("2024-02-02", "2024-01", 7, due_on="2024-02-20")
    assert arrears_fen(BILL, later) == 0
    assert arrears_fen(BILL, later, until="2024-03-05") == 7
    assert arrears_fen(later, BILL) == 40


def test_without_a_date_a_bill_is_never_overdue() -> None:
    assert arrears_fen(BILL, bill("2024-02-02", "2024-01", 40), until="2024-12-01") == 0


def test_a_bill_of_a_month_long_settled_is_still_owed() -> None:
    assert arrears_fen(BILL, until="2025-06-01") == 40


def test_any_arrears_suspend_and_paying_lifts_at_once() -> None:
    given = replayed(
        fee("2024-01-10", 60), BILL, payment("2024-02-22", 39), payment("2024-02-23", 1), until="2024-02-25",
        policies=[TEN_DAYS],
    )  # fmt: skip
    assert changes(given) == [
        ("0", "GOLD", "live"),
        ("1", "SILVER", "correction"),
        ("02-21T00", None, "arrears"),
        ("3", "SILVER", "payment"),
    ]


def test_a_late_bill_puts_in_arrears_as_it_arrives() -> None:
    given = replayed(
        fee("2024-02-10", 60), fee("2024-02-22", 0), bill("2024-02-01", "2024-01", 40, due_on="2024-02-10"),
        until="2024-02-25", policies=[TEN_DAYS],
    )  # fmt: skip
    assert changes(given) == [("0", "GOLD", "live"), ("2", None, "arrears")]


def test_leaving_is_named_before_arrears_and_arrears_before_the_contract() -> None:
    asked = policy(tier_policy={"arrears_grace_days": 10, "contract_required": True})
    contract = signed("2024-01-10", ends_on="2024-02-20")
    given = replayed(fee("2024-01-10", 60), contract, BILL, until="2024-02-25", policies=[asked])
    # On 21 February the contract is past and the bill overdue.
    assert changes(given)[-1] == ("02-21T00", None, "arrears")


def test_coming_back_into_arrears_changes_nothing_until_they_are_paid() -> None:
    given = replayed(
        fee("2024-01-10", 60), BILL, deactivated("2024-02-15"), activated("2024-02-22"), payment("2024-02-23", 40),
        until="2024-02-25", policies=[TEN_DAYS],
    )  # fmt: skip
    assert changes(given)[2:] == [("2", None, "left"), ("4", "SILVER", "payment")]


def test_a_new_policy_is_named_before_the_close_it_comes_with() -> None:
    dearer = policy(
        version="example-2", effective_at="2024-05-02T12:00:00Z", tiers=[{"code": "SILVER", "floor_fen": 20}]
    )
    given = replayed(fee("2024-01-10", 30), until="2024-05-10", policies=[policy(), dearer])
    assert changes(given) == [("0", "SILVER", "live"), ("05-03T00", None, "policy")]


def test_a_month_that_opens_with_what_waited_for_it_lifts_at_the_tick() -> None:
    given = replayed(fee("2024-01-20", 30, billing_month="2024-02"), until="2024-02-01T00:00:00Z")
    assert changes(given) == [("02-01T00", "SILVER", "live")]


def test_a_late_event_for_a_closed_month_is_a_correction() -> None:
    given = replayed(fee("2024-01-10", 20), fee("2024-02-10", 0), fee("2024-01-11", 10), until="2024-02-20")
    assert changes(given) == [("2", "SILVER", "correction")]


def test_a_late_leaving_in_between_is_a_correction() -> None:
    given = replayed(
        fee("2024-01-10", 60), fee("2024-05-01", 0), activated("2024-04-05"), deactivated("2024-03-25"),
        until="2024-05-02",
    )  # fmt: skip
    # Off at March's end, its official GOLD is gone; of the open windows, to April and to May, none has January.
    assert changes(given) == [("0", "GOLD", "live"), ("3", None, "correction")]


def test_the_tier_after_a_close_is_kept_for_every_customer_known_by_then() -> None:
    other = fee("2024-02-03T00:00:00Z", 90) | {"subscriber_id": "t"}
    given = replayed(fee("2024-01-10", 30), other, until="2024-03-10")
    assert tiers_after_closes(given) == {
        ("s", "02-03T00"): "SILVER",
        ("s", "03-03T00"): "SILVER",
        ("t", "03-03T00"): "GOLD",
    }


def test_rows_start_with_the_month_of_the_earliest_accepted_event_however_late_it_comes() -> None:
    given = replayed(fee("2024-03-10", 30), until="2024-04-10")
    assert officials(given) == {"2024-03": "SILVER"}
    given = replayed(fee("2024-03-10", 30), fee("2024-04-05", 0), fee("2024-01-10", 5), until="2024-04-10")
    assert revenues(given) == {"2024-01": 5, "2024-02": 0, "2024-03": 30}
    assert revised(given) == {"2024-01": 0, "2024-02": 0, "2024-03": 1}


def test_a_deactivation_that_arrives_late_revises_the_rows_written_and_they_stay() -> None:
    given = replayed(fee("2024-01-10", 30), fee("2024-03-10", 0), deactivated("2024-01-20"), until="2024-05-10")
    # January and February were written; March and April, off the network throughout, never are.
    assert row(given, "2024-02") == (0, False, 10, None, False)
    assert revised(given) == {"2024-01": 1, "2024-02": 1}


def test_a_row_that_stayed_is_revised_like_any_other() -> None:
    lines = (fee("2024-01-10", 30), fee("2024-03-10", 0), deactivated("2024-01-20"), fee("2024-02-10", 3))
    given = replayed(*lines, until="2024-03-20")
    assert row(given, "2024-02") == (3, False, 11, None, False)
    assert revised(given) == {"2024-01": 1, "2024-02": 2}


def test_a_revision_is_only_for_what_changed() -> None:
    same = (bill("2024-02-10", "2024-01", 30), bill("2024-02-11", "2024-01", 30))
    given = replayed(fee("2024-01-10", 30), fee("2024-02-10", 0), *same, until="2024-02-20")
    # The bill of what had accrued changes `billed` alone; its second issue nothing.
    assert revised(given) == {"2024-01": 1}


def revised(given: Answer) -> dict[str, int]:
    return {month: revision for (_, month), revision in given.revisions.items()}
