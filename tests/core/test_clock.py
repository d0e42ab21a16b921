"""Only ticks move the clock: closes, openings, what is final, the policy in force (CONTRACTS section 2)."""

from typing import Any

import pytest

from stream_app.core.months import month_name
from stream_app.core.state import Tick
from tests.core.builders import Story, closed, instant, live_through, moves, officials, policy, revisions, told, usage


def last(story: Story) -> Tick:
    assert story.clock.tick is not None
    return story.clock.tick


def closed_month(story: Story) -> str:
    return month_name(last(story).closed)


def final_month(story: Story) -> str:
    return month_name(last(story).final)


def ticked(*instants: str, **own: Any) -> Story:
    story = Story(policy(**own))
    story.tick(*instants)
    return story


def test_a_tick_not_later_than_the_clock_is_ignored() -> None:
    story = ticked("2025-01-05T12:00:00Z")
    before = (story.clock.at, last(story))
    assert not story.accept("2025-01-05T12:00:00Z")
    assert not story.accept("2025-01-04")
    assert (story.clock.at, last(story)) == before


def test_events_never_move_the_clock() -> None:
    story = ticked("2025-01-05")
    story.take(usage("2026-01-10", 1))
    assert (story.clock.at, closed_month(story)) == (instant("2025-01-05"), "2024-12")


def test_a_month_closes_at_the_first_tick_at_or_after_its_end_and_grace() -> None:
    story = ticked("2025-02-02T23:59:59.999999Z")
    assert closed_month(story) == "2024-12"
    story.tick("2025-02-03T00:00:00Z")
    assert closed_month(story) == "2025-01"


def test_without_grace_a_month_closes_as_it_ends() -> None:
    assert closed_month(ticked("2025-02-01T00:00:00Z", grace_hours=0)) == "2025-01"


@pytest.mark.parametrize(("at", "month"), [("2025-03-10T04:59:59Z", "2025-01"), ("2025-03-10T05:00:00Z", "2025-02")])
def test_grace_is_elapsed_hours_where_the_clocks_change(at: str, month: str) -> None:
    # The month ends at 05:00Z on March 8; on the 9th clocks go forward, so the close stands at 01:00 local time.
    assert closed_month(ticked(at, zone="America/New_York", anchor_day=8)) == month


def test_two_months_are_open_while_grace_lasts() -> None:
    story = ticked("2025-02-02")
    assert (closed_month(story), month_name(last(story).opened)) == ("2024-12", "2025-02")


def test_several_months_may_close_at_once_oldest_first() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60))
    facts = story.tick("2024-05-03")
    assert revisions(facts) == [("2024-01", 0), ("2024-02", 0), ("2024-03", 0), ("2024-04", 0)]
    assert officials(story) == {"2024-01": "GOLD", "2024-02": "GOLD", "2024-03": "GOLD", "2024-04": None}
    assert told(facts) == []


def test_a_month_that_closes_long_after_its_last_correction_has_its_figures() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60))
    (row, *_) = closed(story.tick("2025-05-03"))
    assert (row.revenue_fen, row.usage[0].charge_fen) == (60, 60)


def test_ticks_within_a_day_concern_no_row() -> None:
    story = ticked("2025-01-05T12:00:00Z", "2025-01-05T13:00:00Z")
    assert (story.clock.at, last(story).at) == (instant("2025-01-05T13:00:00Z"), instant("2025-01-05T12:00:00Z"))


def test_a_longer_grace_opens_no_month_again() -> None:
    story = Story(policy(grace_hours=0), policy("v2", "2025-02-01T10:00:00Z", grace_hours=480))
    story.tick("2025-02-01T00:00:00Z")
    assert closed_month(story) == "2025-01"
    story.tick("2025-02-02")
    assert (closed_month(story), last(story).version) == ("2025-01", "v2")
    story.tick("2025-03-02")
    assert closed_month(story) == "2025-01"
    story.tick("2025-03-21")
    assert closed_month(story) == "2025-02"


def test_a_policy_is_in_force_from_the_first_tick_at_or_after_its_instant() -> None:
    story = Story(policy(), policy("v2", "2025-01-10T00:00:00Z"))
    story.tick("2025-01-09T23:59:59Z")
    assert last(story).version == "v1"
    story.tick("2025-01-10T00:00:00Z")
    assert (last(story).version, last(story).policy_changed) == ("v2", True)


def test_the_first_policy_also_covers_all_before_it() -> None:
    story = Story(policy("v1", "2025-01-01"), policy("v2", "2026-01-01"))
    story.tick("2020-01-05")
    assert last(story).version == "v1"


def test_a_policy_between_two_ticks_may_be_passed_over() -> None:
    story = Story(policy(), policy("v2", "2025-01-10"), policy("v3", "2025-01-11"))
    story.tick("2025-01-09", "2025-01-12")
    assert last(story).version == "v3"


def test_what_is_final_stays_final_when_a_policy_corrects_longer() -> None:
    story = Story(policy(correctable_months=1), policy("v2", "2025-02-10", correctable_months=3))
    story.tick("2025-02-03")
    assert final_month(story) == "2024-12"
    story.tick("2025-02-11")
    assert final_month(story) == "2024-12"
    story.tick("2025-03-03", "2025-04-03", "2025-05-03")
    assert final_month(story) == "2025-01"


def test_what_is_final_counts_the_months_that_have_closed_though_the_grace_is_longer_now() -> None:
    longer = policy("v2", "2025-03-01T02:00:00Z", grace_hours=72, correctable_months=1)
    story = Story(policy(grace_hours=0, correctable_months=2), longer)
    story.tick("2025-03-01T00:00:00Z")
    assert (closed_month(story), final_month(story)) == ("2025-02", "2024-12")
    story.tick("2025-03-02")  # under v2 February would not have closed yet; it has
    assert (closed_month(story), final_month(story)) == ("2025-02", "2025-01")


def test_what_closes_is_known_by_the_policy_that_closed_it() -> None:
    story = Story(policy(), policy("v2", "2024-03-10"), policy("v3", "2024-03-12"))
    live_through(story, 0, 0)
    story.tick("2024-03-11", "2024-03-13", "2024-04-03", "2024-05-03")
    named = {
        month_name(month): story.clock.closed_under(month)
        for month in range(last(story).closed - 4, last(story).closed + 1)
    }
    assert named == {"2023-12": "v1", "2024-01": "v1", "2024-02": "v1", "2024-03": "v3", "2024-04": "v3"}
    assert [version for _, version in story.clock.closings] == ["v1", "v3"]  # it grows with policies, not with time


def test_a_new_policy_moves_tiers_at_the_tick_that_brings_it_into_force() -> None:
    story = Story(policy(), policy("v2", "2025-01-10", tiers=[policy().tiers[0]]))
    story.tick("2025-01-05")
    story.take(usage("2025-01-06", 30))
    (change,) = moves(story.tick("2025-01-11"))
    assert (change.from_tier, change.to_tier, change.reason, change.policy_version) == ("SILVER", None, "policy", "v2")
