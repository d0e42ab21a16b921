"""The official tier, set at each close (CONTRACTS section 4)."""

import pytest

from stream_app.core.policy import Tier
from tests.core.builders import (
    SILVER,
    Story,
    activated,
    deactivated,
    live_through,
    moves,
    officials,
    policy,
    told,
    usage,
)

G, S = "GOLD", "SILVER"


def after(*amounts_fen: int, closes: int = 1) -> list[str | None]:
    story = Story(policy(closes_to_downgrade=closes))
    live_through(story, *amounts_fen)
    return list(officials(story).values())


@pytest.mark.parametrize(("spent_fen", "tier"), [(29, None), (30, S), (59, S), (60, G), (1000, G)])
def test_a_window_qualifies_from_the_floor_on(spent_fen: int, tier: str | None) -> None:
    assert after(spent_fen) == [tier]


def test_a_higher_tier_is_taken_at_once() -> None:
    assert after(30, 30, closes=3) == [S, G]


def test_a_lower_one_is_taken_at_the_first_close_by_default() -> None:
    assert after(60, 0, 0, 30) == [G, G, G, S]


@pytest.mark.parametrize(("closes", "held"), [(1, 3), (2, 4), (3, 5)])
def test_a_tier_is_lost_only_after_so_many_closes_below_it(closes: int, held: int) -> None:
    assert after(60, *[0] * 6, closes=closes) == [G] * held + [None] * (7 - held)


def test_what_is_taken_then_is_the_tier_of_the_last_window_not_of_the_first_below() -> None:
    assert after(60, 30, 0, 0, 0, closes=2) == [G, G, G, G, None]


def test_an_equal_close_resets_the_count() -> None:
    assert after(60, 0, 0, 0, 60, 0, 0, 0, 0, closes=2) == [G] * 8 + [None]


def test_a_higher_close_resets_the_count() -> None:
    assert after(30, 0, 0, 0, 60, 0, 0, 0, 0, closes=2) == [S] * 4 + [G] * 4 + [None]


def test_a_close_below_but_not_yet_lost_does_not_reset_it() -> None:
    assert after(60, 0, 0, 30, 0, closes=3) == [G] * 5
    assert after(60, 0, 0, 30, 0, 0, closes=3) == [G] * 5 + [S]


def test_a_close_off_the_network_resets_the_count_and_the_tier() -> None:
    story = Story(policy(closes_to_downgrade=2))
    live_through(story, 60, 0, 0, 0)
    story.take(deactivated("2024-05-20"))
    story.tick("2024-06-03")
    story.take(activated("2024-06-04"), usage("2024-06-10", 30))
    story.tick("2024-07-03", "2024-08-03", "2024-09-03", "2024-10-03", "2024-11-03")
    assert list(officials(story).values()) == [G, G, G, G, None, S, S, S, S, None]


def test_who_is_off_the_network_at_the_end_of_a_month_has_none_for_it() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60), deactivated("2024-01-31T23:59:59Z"))
    story.tick("2024-02-03")
    assert officials(story) == {"2024-01": None}


def test_who_leaves_at_the_very_end_of_a_month_has_one_for_it() -> None:
    story = Story()
    story.take(usage("2024-01-10", 60), deactivated("2024-02-01T00:00:00Z"))
    story.tick("2024-02-03")
    assert officials(story) == {"2024-01": G}


def test_a_tier_held_under_an_earlier_policy_ranks_by_its_floor() -> None:
    bronze_only = policy("v2", "2024-02-15", tiers=[policy().tiers[0]])
    story = Story(policy(), bronze_only)
    live_through(story, 30, 0)
    # SILVER's floor of 10 qualifies for nothing under v2: no tier is not lower than that.
    assert officials(story) == {"2024-01": S, "2024-02": None}


def test_a_close_below_the_tier_held_keeps_it_in_name_under_a_policy_that_knows_it_no_more() -> None:
    v2 = policy("v2", "2024-04-15", tiers=policy().tiers[1:], closes_to_downgrade=2)
    story = Story(policy(), v2)
    live_through(story, 60, 0, 0, 0)
    assert officials(story)["2024-04"] == G
    assert story.tier == G


def test_a_tier_that_a_policy_gives_another_name_does_not_go_down() -> None:
    renamed = policy("v2", "2024-02-10", tiers=[Tier("TOP", 20), SILVER])
    story = Story(policy(), renamed)
    live_through(story, 60, 0)
    first, second = moves(story.facts)[-2:]
    assert [first.to_tier, second.to_tier, second.direction, second.reason] == [G, "TOP", "up", "policy"]


def test_losing_a_tier_at_a_close_is_told_as_such() -> None:
    story = Story()
    assert told(live_through(story, 60, 0, 0, 0)) == [(None, G, "close"), (G, None, "close")]
