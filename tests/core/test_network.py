"""On the network or not: leaving, returning, in whatever order it is heard (CONTRACTS sections 2, 4 and 5)."""

import pytest

from tests.core.builders import (
    Story,
    activated,
    deactivated,
    instant,
    live_through,
    officials,
    policy,
    revisions,
    told,
    usage,
)


def customer() -> Story:
    """Begin with a GOLD customer in January."""
    story = Story()
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 60))
    return story


def on_at_end(story: Story) -> dict[str, bool]:
    return {month: row.on_network for month, row in story.rows.items()}


def test_leaving_ends_the_tier_and_returning_brings_it_back() -> None:
    story = customer()
    assert told(story.take(deactivated("2025-01-10"))) == [("GOLD", None, "left")]
    assert told(story.take(activated("2025-01-11"))) == [(None, "GOLD", "returned")]


def test_a_customer_has_left_from_the_arrival_on_even_if_it_takes_place_later() -> None:
    assert told(customer().take(deactivated("2025-01-20"))) == [("GOLD", None, "left")]


@pytest.mark.parametrize("is_on_first", [True, False])
def test_at_equal_instants_activation_wins_whichever_came_first(*, is_on_first: bool) -> None:
    story = customer()
    switches = [activated("2025-01-10"), deactivated("2025-01-10")]
    story.take(*(switches if is_on_first else reversed(switches)))
    assert story.tier == "GOLD"


def test_a_leave_heard_of_after_the_return_it_precedes_takes_nothing() -> None:
    story = customer()
    story.take(activated("2025-01-11"))
    assert told(story.take(deactivated("2025-01-10"))) == []


def test_a_return_before_the_latest_leave_brings_nothing_back() -> None:
    story = customer()
    story.take(deactivated("2025-01-10"))
    assert told(story.take(activated("2025-01-09"))) == []


def test_who_is_first_seen_without_activation_is_on_the_network() -> None:
    story = customer()
    story.tick("2025-02-03")
    assert on_at_end(story) == {"2025-01": True}


def test_before_the_first_switch_a_customer_is_on_the_network() -> None:
    story = customer()
    story.take(activated("2025-02-10"))
    story.tick("2025-02-03")
    assert on_at_end(story) == {"2025-01": True}


def test_months_wholly_off_the_network_have_no_row() -> None:
    story = customer()
    story.take(deactivated("2025-01-10"))
    story.tick("2025-02-03", "2025-03-03")
    story.take(activated("2025-03-10"))
    story.tick("2025-04-03")
    assert on_at_end(story) == {"2025-01": False, "2025-03": True}


def test_coming_and_going_within_a_month_gives_it_a_row() -> None:
    story = customer()
    story.take(deactivated("2025-01-10"), activated("2025-02-10"), deactivated("2025-02-11"))
    story.tick("2025-02-03", "2025-03-03")
    assert on_at_end(story) == {"2025-01": False, "2025-02": False}


def test_who_leaves_at_the_very_instant_a_month_starts_was_on_the_network_in_it() -> None:
    story = customer()
    story.take(deactivated("2025-02-01T00:00:00Z"))
    story.tick("2025-02-03", "2025-03-03", "2025-04-03")
    assert on_at_end(story) == {"2025-01": True, "2025-02": False}


def test_who_comes_at_the_very_instant_a_month_starts_was_not_in_the_one_before() -> None:
    story = customer()
    story.take(deactivated("2025-01-10"), activated("2025-03-01T00:00:00Z"))
    story.tick("2025-02-03", "2025-03-03", "2025-04-03")
    assert on_at_end(story) == {"2025-01": False, "2025-03": True}


def test_a_leave_that_arrives_late_revises_the_closed_months_after_it() -> None:
    story = Story()
    live_through(story, 60, 0, 0)
    story.tick("2024-04-10")
    facts = story.take(deactivated("2024-02-20"))
    assert revisions(facts) == [("2024-02", 1), ("2024-03", 1)]
    assert told(facts) == [("GOLD", None, "left")]
    assert officials(story) == {"2024-01": "GOLD", "2024-02": None, "2024-03": None}


def test_rows_once_written_stay_and_are_revised_like_any_other() -> None:
    story = Story()
    live_through(story, 60, 0, 0)
    story.take(deactivated("2024-02-01T00:00:00Z"))
    assert on_at_end(story) == {"2024-01": True, "2024-02": False, "2024-03": False}
    assert revisions(story.take(usage("2024-03-10", 9))) == [("2024-03", 2)]


def test_a_return_that_arrives_late_gives_the_missing_rows() -> None:
    story = customer()
    story.take(deactivated("2025-01-10"))
    story.tick("2025-02-03", "2025-03-03", "2025-04-03")
    facts = story.take(activated("2025-02-10"))
    assert revisions(facts) == [("2025-02", 0), ("2025-03", 0)]
    assert told(facts) == [(None, "GOLD", "returned")]


def test_the_same_switch_told_twice_is_one() -> None:
    story = customer()
    story.take(deactivated("2025-01-10"), deactivated("2025-01-10"))
    assert len(story.sub.switches) == 1


def test_of_switches_before_the_months_still_read_only_the_latest_is_kept() -> None:
    story = customer()
    story.take(*[switch(f"2025-01-{day}") for day in (10, 12, 14) for switch in (deactivated, activated)])
    story.take(deactivated("2025-03-10"))
    story.tick("2025-07-03")
    assert story.sub.switches == [(instant("2025-01-14"), True), (instant("2025-03-10"), False)]


def test_a_switch_at_the_start_of_the_last_final_month_does_not_push_out_the_one_before() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60), deactivated("2024-01-20"), deactivated("2024-03-01T00:00:00Z"))
    story.tick("2024-07-03")
    assert revisions(story.take(usage("2024-04-10", 5))) == []


def test_a_customer_who_left_long_ago_stays_off_the_network() -> None:
    story = Story(policy(forget_after_months=240))
    story.take(usage("2024-01-10", 60), deactivated("2024-01-20"))
    story.tick("2024-02-03", "2025-02-03", "2025-03-03")
    assert told(story.take(usage("2025-03-04", 100))) == []
    story.tick("2025-04-03")
    assert on_at_end(story) == {"2024-01": False}
