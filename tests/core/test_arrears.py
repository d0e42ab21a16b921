"""Arrears: overdue bills less payments and negative adjustments, over the whole history (CONTRACTS section 4)."""

from datetime import date
from typing import Any

from stream_app.core.state import DUE_FROM, NEVER
from tests.core.builders import Story, adjustment, bill, live_through, payment, policy, told, usage

SUSPENDED = [("GOLD", None, "arrears")]
RESTORED = [(None, "GOLD", "payment")]


def owing(amount_fen: int = 60, due_on: str | None = "2025-01-10", **own: Any) -> Story:
    """Begin in January with a bill that makes a GOLD customer."""
    story = Story(policy(**own))
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", amount_fen, due_on))
    return story


def test_a_bill_is_overdue_when_the_date_is_past_due_on_and_grace() -> None:
    story = owing()
    assert told(story.tick("2025-02-09T23:59:59.999999Z")) == []
    assert (story.view.arrears_fen, story.sub.wake_day) == (0, _day("2025-02-10"))
    assert told(story.tick("2025-02-10T00:00:00Z")) == SUSPENDED
    assert story.view.arrears_fen == 60


def test_without_grace_a_bill_is_overdue_the_day_after() -> None:
    story = owing(arrears_grace_days=0)
    assert told(story.tick("2025-01-10T23:59:59Z")) == []
    assert told(story.tick("2025-01-11T00:00:00Z")) == SUSPENDED


def test_the_date_is_the_local_one() -> None:
    story = owing(zone="Asia/Shanghai")
    assert told(story.tick("2025-02-09T15:59:59Z")) == []
    assert told(story.tick("2025-02-09T16:00:00Z")) == SUSPENDED


def test_a_single_fen_suspends() -> None:
    story = owing()
    story.take(payment("2025-01-06", 59))
    assert told(story.tick("2025-02-10")) == SUSPENDED


def test_paying_lifts_at_once() -> None:
    story = owing()
    story.tick("2025-02-10")
    assert told(story.take(payment("2025-02-10", 59))) == []
    assert told(story.take(payment("2025-02-10", 1))) == RESTORED


def test_paying_beforehand_counts() -> None:
    story = owing()
    story.take(payment("2025-01-06", 60))
    assert told(story.tick("2025-02-10")) == []


def test_a_payment_of_long_ago_still_counts() -> None:
    story = Story()
    story.tick("2023-01-05")
    story.take(payment("2023-01-05", 60))
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", 60, "2025-01-10"))
    assert told(story.tick("2025-02-10")) == []


def test_a_negative_adjustment_counts_like_a_payment() -> None:
    story = owing(120)
    story.tick("2025-02-10")
    assert story.view.arrears_fen == 120
    story.take(adjustment("2025-02-10", "2025-01", -60))
    assert story.view.arrears_fen == 60
    assert told(story.take(payment("2025-02-11", 60))) == RESTORED


def test_a_positive_adjustment_adds_nothing_to_arrears() -> None:
    story = owing()
    story.take(adjustment("2025-01-06", "2025-01", 40), payment("2025-01-06", 60))
    assert told(story.tick("2025-02-10")) == []


def test_a_bill_without_due_date_is_never_overdue() -> None:
    story = owing(due_on=None)
    assert told(story.tick("2025-01-31")) == []
    assert (story.sub.wake_day, story.view.arrears_fen) == (NEVER, 0)


def test_a_bill_issued_again_owes_what_was_issued_last_by_arrival() -> None:
    story = owing()
    story.take(bill("2025-01-04", "2025-01", 70, "2025-01-20"))
    assert told(story.tick("2025-02-19")) == []
    assert told(story.tick("2025-02-20")) == SUSPENDED
    assert story.view.arrears_fen == 70


def test_issuing_it_again_without_due_date_lifts_arrears() -> None:
    story = owing()
    story.tick("2025-02-10")
    assert told(story.take(bill("2025-02-10", "2025-01", 60))) == RESTORED


def test_a_correction_of_what_is_not_due_leaves_the_customer_suspended() -> None:
    story = owing()
    story.tick("2025-02-10")
    assert told(story.take(usage("2025-02-10", 1000), adjustment("2025-02-10", "2025-01", 100))) == []
    assert story.view.suspended == ("arrears",)


def test_a_bill_of_a_final_month_turns_overdue_all_the_same() -> None:
    story = owing(due_on="2025-09-01")
    live_through(story, *[60] * 7, first="2025-02")
    assert (story.sub.bills, dict(story.sub.due)) == ({}, {_due_day("2025-09-01"): 60})
    story.tick("2025-10-01")
    assert (story.view.arrears_fen, story.sub.wake_day) == (0, _day("2025-10-02"))
    assert told(story.tick("2025-10-02")) == SUSPENDED


def test_bills_due_on_one_day_are_kept_as_one_sum() -> None:
    story = owing(due_on="2025-09-01")
    story.take(bill("2025-01-05", "2025-01", 40, "2025-09-01", bill_id="other"))
    story.take(bill("2025-01-05", "2025-01", 7, bill_id="without due date"))
    live_through(story, *[60] * 4, first="2025-02")
    assert dict(story.sub.due) == {_due_day("2025-09-01"): 100}


def test_a_bill_overdue_for_more_than_a_year_is_kept_as_a_sum_and_still_owed() -> None:
    story = owing()
    story.tick("2025-02-10")
    live_through(story, *[60] * 14, first="2025-02")
    assert (dict(story.sub.due), story.sub.overdue_fen) == ({}, 60)
    assert told(story.take(payment("2026-04-04", 60))) == RESTORED


def test_each_bill_turns_overdue_on_its_own_day() -> None:
    story = owing()
    story.take(bill("2025-01-05", "2025-01", 5, "2025-01-20", bill_id="later"), payment("2025-01-06", 60))
    assert told(story.tick("2025-02-10")) == []
    assert told(story.tick("2025-02-20")) == SUSPENDED
    assert story.view.arrears_fen == 5


def test_with_the_longest_grace_an_old_bill_is_not_owed_a_day_too_soon() -> None:
    story = Story(policy(arrears_grace_days=366))
    story.take(bill("2024-01-31", "2024-01", 60, "2024-02-03"))
    live_through(story, *[60] * 11, first="2024-02")
    assert told(story.tick("2025-02-03")) == []
    assert story.view.arrears_fen == 0
    assert told(story.tick("2025-02-04")) == SUSPENDED


def test_days_of_grace_come_into_force_with_the_policy() -> None:
    story = Story(policy(arrears_grace_days=5), policy("v2", "2025-01-18", arrears_grace_days=30))
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", 60, "2025-01-10"))
    assert told(story.tick("2025-01-16")) == SUSPENDED
    assert told(story.tick("2025-01-18")) == RESTORED
    assert told(story.tick("2025-02-10")) == SUSPENDED


def _day(on: str) -> int:
    return date.fromisoformat(on).toordinal()


def _due_day(on: str) -> int:
    return _day(on) - DUE_FROM
