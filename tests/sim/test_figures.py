"""The printed tables, and what a drawn population makes of them before a single event."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.sim import CHENGDU, DEMO, Mix, Population, Story
from stream_app.sim.calibration import SERVICE_MIX, TIER_FLOORS_FEN, TIER_HEADS, TIERS, Tier, tier_of
from stream_app.sim.course import month_of_life
from stream_app.sim.months import days_in

COMING_AND_GOING = Mix(big_share=0.5, leavers=0.5, returners=0.5, holidays=0.2, cheap_months=0.2)
MONTHS = st.integers(2002 * 12, 2005 * 12)


@pytest.mark.parametrize("tier", SERVICE_MIX)
def test_a_printed_service_mix_makes_100_percent(tier: Tier) -> None:
    assert sum(SERVICE_MIX[tier].values()) == pytest.approx(100)


def test_the_printed_heads_make_99_9_percent() -> None:
    assert sum(TIER_HEADS.values()) == pytest.approx(99.9)


@pytest.mark.parametrize("tier", TIERS)
def test_a_floor_belongs_to_its_tier_and_a_fen_less_does_not(tier: Tier) -> None:
    floor_fen = TIER_FLOORS_FEN[tier]

    assert tier_of(floor_fen) == tier
    assert tier_of(floor_fen - 1) != tier


@settings(max_examples=20)
@given(seed=st.integers(0, 2**40))
def test_heads_are_drawn_to_within_two_people_whatever_the_seed(seed: int) -> None:
    people = list(Population(seed, 1_000, Mix(big_share=1.0)).people())

    for tier, percent in TIER_HEADS.items():
        expected = 1_000 * percent / sum(TIER_HEADS.values())
        assert sum(person.tier == tier for person in people) == pytest.approx(expected, abs=2)


def test_chengdu_is_ordinary_by_97_5_percent() -> None:
    people = list(Population(1, 4_000, CHENGDU).people())

    assert sum(person.tier is None for person in people) == pytest.approx(3_900, abs=2)


def test_a_population_holds_every_smaller_one_of_its_seed() -> None:
    assert list(Population(5, 200).people())[:50] == list(Population(5, 50).people())


def test_another_seed_makes_other_people() -> None:
    first, second = ({person.subscriber_id for person in Population(seed, 200).people()} for seed in (1, 2))

    assert not first & second


@given(seed=st.integers(0, 2**40))
def test_home_revenue_lies_in_the_home_tier(seed: int) -> None:
    for person in Population(seed, 100).people():
        assert tier_of(person.home_fen) == person.tier


def test_about_as_many_grow_as_decline() -> None:
    people = list(Population(11, 2_000, Mix(big_share=1.0)).people())
    growing = [person for person in people if person.story is Story.GROWING]
    declining = [person for person in people if person.story is Story.DECLINING]

    assert all(person.other_fen > person.home_fen for person in growing)
    assert all(person.other_fen < person.home_fen for person in declining)
    assert len(growing) == pytest.approx(len(declining), rel=0.5)


@given(seed=st.integers(0, 1_000), month=MONTHS)
def test_a_month_lies_within_the_calendar_and_costs_nothing_to_those_away(seed: int, month: int) -> None:
    for person in Population(seed, 60, COMING_AND_GOING).people():
        plan = month_of_life(person, seed, month, COMING_AND_GOING)

        assert plan.revenue_fen >= 0
        assert plan.last <= days_in(month)
        assert not (plan.away and plan.revenue_fen)


@settings(max_examples=20)
@given(seed=st.integers(0, 1_000))
def test_who_leaves_comes_back_before_leaving_again(seed: int) -> None:
    for person in Population(seed, 20, COMING_AND_GOING).people():
        plans = [month_of_life(person, seed, month, COMING_AND_GOING) for month in range(24_000, 24_060)]
        steps = ["leaves" if plan.leaves else "returns" for plan in plans if plan.leaves or plan.returns]

        assert all(one != other for one, other in pairwise(steps))


@pytest.mark.parametrize(("seed", "subscribers", "usage"), [(-1, 1, 1.0), (1, 0, 1.0), (1, 1, 0.0)])
def test_a_population_without_a_meaning_is_refused(seed: int, subscribers: int, usage: float) -> None:
    with pytest.raises(ValueError, match="a population needs"):
        Population(seed, subscribers, DEMO, usage_per_day=usage)


def test_a_share_above_one_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="leavers is a share"):
        Mix(big_share=0.5, leavers=1.5)
