"""What is not let in, for the first reason that applies (CONTRACTS sections 2, 3 and 5)."""

from datetime import timedelta

from stream_app.core.admission import Refusal, refusal
from stream_app.core.events import Event
from stream_app.core.state import Clock, Subscriber
from tests.core.builders import Story, adjustment, bill, copied, instant, live_through, payment, policy, usage

TOUCH = timedelta(microseconds=1)
LIMIT = instant("2025-01-10T13:00:00Z")


def test_a_bill_belongs_for_good_to_the_month_of_its_first_issue() -> None:
    story = Story()
    story.take(bill("2025-01-31", "2025-01", 5, bill_id="x"))
    assert story.offer(bill("2025-02-28", "2025-02", 5, bill_id="x")) == "invalid_field"
    assert story.offer(bill("2025-01-31", "2025-01", 6, bill_id="x")) == "taken"


def test_a_bill_belongs_to_its_month_even_when_that_is_final() -> None:
    story = Story()
    story.take(bill("2024-01-31", "2024-01", 5, bill_id="x"))
    live_through(story, *[1] * 5)
    assert story.offer(bill("2024-06-10", "2024-06", 5, bill_id="x")) == "invalid_field"
    assert story.offer(bill("2024-06-10", "2024-01", 5, bill_id="x")) == "month_not_correctable"


def test_bills_are_the_subscriber_s_own() -> None:
    story = Story()
    story.take(bill("2025-01-31", "2025-01", 5, bill_id="x"))
    story.take(bill("2025-02-28", "2025-02", 5, bill_id="x", subscriber_id="other"))


def test_a_bill_that_was_refused_belongs_to_no_month() -> None:
    story = Story()
    assert story.offer(bill("2025-01-31", "2025-01", 5, bill_id="x"), not_after=LIMIT) == "in_the_future"
    assert story.offer(bill("2025-01-10", "2025-02", 5, bill_id="x"), not_after=LIMIT) == "taken"


def test_payments_may_name_any_bill() -> None:
    story = Story()
    story.take(
        bill("2025-01-31", "2025-01", 5, bill_id="x"), payment("2025-02-10", 5), adjustment("2025-02-10", "2025-02", 5)
    )


def test_an_event_may_occur_up_to_the_bound_and_no_later() -> None:
    story = Story()
    assert story.offer(usage("2025-01-10T13:00:00Z", 1), not_after=LIMIT) == "taken"
    assert story.offer(usage("2025-01-10T13:00:00.000001Z", 1), not_after=LIMIT) == "in_the_future"


def test_a_bill_of_another_month_comes_before_the_future_and_that_before_final_months() -> None:
    story = Story()
    story.take(bill("2024-01-31", "2024-01", 5, bill_id="x"))
    live_through(story, *[1] * 5)
    late_bill = bill("2025-01-31", "2024-02", 5, bill_id="x")
    assert story.offer(late_bill, not_after=LIMIT) == "invalid_field"
    assert story.offer(adjustment("2025-01-31", "2024-01", 5), not_after=LIMIT) == "in_the_future"
    assert story.offer(adjustment("2025-01-10", "2024-01", 5), not_after=LIMIT) == "month_not_correctable"


def test_an_event_s_month_is_the_one_it_names_else_that_of_its_instant() -> None:
    story = Story(policy(correctable_months=1))
    live_through(story, 1, 1)
    assert story.offer(payment("2024-01-20", 5)) == "month_not_correctable"
    assert story.offer(adjustment("2024-02-20", "2024-01", 5)) == "month_not_correctable"
    assert story.offer(adjustment("2024-01-20", "2024-02", 5)) == "taken"


def test_before_the_first_tick_no_month_is_final() -> None:
    Story().take(usage("1999-01-10", 1), payment("2001-01-10", 1))


def test_a_refused_or_repeated_event_leaves_the_record_as_it_was() -> None:
    story = Story()
    story.take(payment("2024-01-10", 5, event_id="a"), bill("2024-01-31", "2024-01", 5, bill_id="x"))
    live_through(story, *[1] * 5)
    before = copied(story.sub)
    story.take(payment("2024-06-10", 5, event_id="b"))
    after = copied(story.sub)
    assert story.offer(payment("2024-06-10", 5, event_id="b")) == "repeat"
    assert story.offer(payment("2024-01-10", 5)) == "month_not_correctable"
    assert story.offer(bill("2024-06-10", "2024-06", 5, bill_id="x")) == "invalid_field"
    assert story.sub == after != before


def test_a_newcomer_refused_leaves_no_record() -> None:
    story = Story()
    story.tick("2025-01-05")
    assert story.offer(usage("2020-01-10", 1)) == "month_not_correctable"
    assert (story.shelf, story.clock.heads) == ({}, {})


def test_a_refusal_says_what_to_do() -> None:
    story = Story()
    story.take(bill("2024-01-31", "2024-01", 5, bill_id="x"))
    live_through(story, *[1] * 5)

    def said(event: Event, month: str, sub: Subscriber = story.sub, clock: Clock = story.clock) -> str:
        number = story.policies.calendar.month_of(instant(f"{month}-15"))
        refused = refusal(sub, event, number, clock, LIMIT)
        assert isinstance(refused, Refusal)
        return refused.message

    assert "'x' belongs to billing_month 2024-01" in said(bill("2024-06-10", "2024-06", 5, bill_id="x"), "2024-06")
    assert "check the sender's clock" in said(usage("2025-02-01", 1), "2025-02")
    assert "2024-01 can no longer be corrected (2024-02 and all before are final)" in said(
        usage("2024-01-10", 1), "2024-01"
    )
