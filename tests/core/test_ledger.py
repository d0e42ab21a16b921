"""The ledger: pending ticks reach every row, however late; tallies; customers long gone are forgotten."""

from stream_app.core import engine
from stream_app.core.months import month_name, month_number
from stream_app.core.state import NEVER
from tests.core.builders import (
    WHO,
    Story,
    activated,
    bill,
    closed,
    copied,
    deactivated,
    payment,
    policy,
    revisions,
    told,
    usage,
)


def tallies(story: Story) -> dict[str, int]:
    return {tier: count for tier, count in story.clock.heads.items() if count}


def test_subscribers_are_tallied_by_tier() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(
        usage("2025-01-06", 60), usage("2025-01-06", 30, subscriber_id="b"), usage("2025-01-06", 1, subscriber_id="c")
    )
    assert tallies(story) == {"GOLD": 1, "SILVER": 1, "": 1}
    story.take(deactivated("2025-01-07"))
    assert tallies(story) == {"": 2, "SILVER": 1}
    story.tick("2025-02-03", "2025-03-03", "2025-04-03", "2025-05-03")
    assert tallies(story) == {"": 3}


def test_a_row_that_no_sweep_has_reached_sees_the_ticks_before_its_next_event() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60))
    story.accept("2024-02-03")
    story.accept("2024-03-03")
    facts = story.take(usage("2024-03-04", 0))
    assert revisions(facts) == [("2024-01", 0), ("2024-02", 0)]
    assert [fact.occurred_at.month for fact in closed(facts)] == [2, 3]
    assert told(facts) == [(None, "GOLD", "close")]


def test_a_tick_that_does_not_concern_a_row_is_passed_over() -> None:
    story = Story()
    story.tick("2024-01-05")
    story.take(usage("2024-01-10", 60))
    story.accept("2024-01-12")
    assert story.take(usage("2024-01-12", 1)) == []
    assert story.clock.tick is not None
    assert story.sub.serial == story.clock.tick.serial


def test_before_the_first_tick_there_is_nothing_to_catch_up_with() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60))
    before = copied(story.sub)
    assert list(engine.catch_up(story.sub, WHO, story.clock, story.policies)) == []
    assert story.sub == before


def test_a_tick_is_pending_until_every_row_has_seen_it() -> None:
    story = Story()
    story.accept("2024-02-03")
    story.accept("2024-02-04")
    first, second = story.clock.pending
    story.ledger.swept(first.serial)
    assert story.clock.pending == [second]


def test_a_day_on_which_nothing_can_happen_concerns_no_row() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", 60, "2025-01-10"))
    story.accept("2025-01-06")
    assert not story.ledger.is_concerned(story.sub.serial, story.sub.wake_day)
    story.accept("2025-02-10")
    assert story.ledger.is_concerned(story.sub.serial, story.sub.wake_day)


def test_a_row_is_not_concerned_by_what_it_has_seen() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60))
    story.accept("2024-02-03")
    story.sweep([WHO])
    assert len(story.clock.pending) == 1
    assert not story.ledger.is_concerned(story.sub.serial, story.sub.wake_day)


def test_a_row_wakes_for_the_next_thing_only() -> None:
    story = Story()
    story.tick("2025-01-05")
    story.take(bill("2025-01-05", "2025-01", 60, "2025-01-10"))
    story.tick("2025-02-10")
    assert story.sub.wake_day == NEVER


def test_a_sweep_passes_over_who_is_not_there() -> None:
    story = Story()
    story.accept("2025-01-05")
    story.sweep(["nobody"])
    assert story.facts == []


def gone() -> Story:
    """Begin with a customer who left in January 2024, still known when September closes."""
    story = Story(policy(forget_after_months=1))
    story.take(usage("2024-01-10", 60), deactivated("2024-01-20"))
    close_months(story, 9)
    return story


def close_months(story: Story, count: int) -> None:
    """Close so many months of 2024."""
    start = month_number("2024-02")
    story.tick(*[f"{month_name(month)}-03" for month in range(start, start + count)])


def test_a_customer_long_gone_is_forgotten() -> None:
    story = gone()
    assert WHO in story.shelf
    story.tick("2024-11-03")
    assert story.shelf == {}
    assert tallies(story) == {}


def test_a_customer_who_left_less_than_that_ago_is_not() -> None:
    story = gone()
    story.take(activated("2024-10-04"), deactivated("2024-10-05"))
    story.tick("2024-11-03")
    assert WHO in story.shelf


def test_nobody_is_forgotten_whose_rows_can_still_be_revised() -> None:
    story = Story(policy(forget_after_months=1))
    story.take(usage("2024-01-10", 0), deactivated("2024-01-20"))
    close_months(story, 3)
    assert revisions(story.take(activated("2024-01-25"))) == [("2024-01", 1), ("2024-02", 0), ("2024-03", 0)]


def test_who_is_on_the_network_is_never_forgotten() -> None:
    story = Story(policy(forget_after_months=1))
    story.take(usage("2024-01-10", 0))
    close_months(story, 12)
    assert WHO in story.shelf


def test_who_owes_is_never_forgotten() -> None:
    story = Story(policy(forget_after_months=1))
    story.take(bill("2024-01-10", "2024-01", 60, "2024-02-01"), deactivated("2024-01-20"))
    close_months(story, 12)
    assert WHO in story.shelf
    story.take(payment("2025-01-10", 60))
    story.tick("2025-04-03")
    assert WHO in story.shelf  # January can still be corrected: the payment must not count twice
    story.tick("2025-05-03")
    assert story.shelf == {}


def test_who_will_owe_is_not_forgotten_before() -> None:
    story = Story(policy(forget_after_months=1))
    story.take(bill("2024-01-10", "2024-01", 60, "2025-02-01"), deactivated("2024-01-20"))
    close_months(story, 12)
    assert WHO in story.shelf


def test_who_returns_after_being_forgotten_begins_anew() -> None:
    story = gone()
    story.tick("2024-11-03")
    story.take(activated("2024-11-10"), usage("2024-11-11", 30))
    assert story.tier == "SILVER"
    assert revisions(story.tick("2024-12-03")) == [("2024-11", 0)]


def test_forgetting_does_not_wait_for_a_sweep() -> None:
    swept, unswept = gone(), gone()
    for story in (swept, unswept):
        story.accept("2024-11-03")
    swept.sweep()
    for story in (swept, unswept):
        story.take(payment("2024-11-04", 5, event_id="p"))
        assert tallies(story) == {"": 1}
    assert swept.sub == unswept.sub
    unswept.sweep()
    assert swept.tick("2024-12-03") == unswept.tick("2024-12-03")


def test_who_is_forgotten_by_one_of_several_ticks_is_not_there_for_the_next() -> None:
    story = gone()
    for at in ("2024-11-03", "2024-12-03", "2025-01-03"):
        story.accept(at)
    story.sweep()
    assert story.shelf == {}
