"""Versions of the policy: which is in force, how tiers rank, what is refused."""

import pytest

from stream_app.core.policy import Policy, PolicySet, Tier
from tests.core.builders import GOLD, SILVER, instant, policy


def test_ranks_count_up_from_none() -> None:
    own = policy()
    assert [own.qualify(fen) for fen in (-1, 29, 30, 59, 60)] == [0, 0, 1, 1, 2]
    assert [own.code(rank) for rank in range(3)] == [None, "SILVER", "GOLD"]
    assert [own.floor_above_fen(rank) for rank in range(3)] == [10, 20, None]


def test_a_code_is_ranked_by_the_policy_that_knows_it_else_by_its_floor() -> None:
    v1, v2 = policy(), policy("v2", "2020-01-01", tiers=[Tier("TOP", 40), SILVER])
    both = PolicySet([v1, v2])
    assert [both.rank(v1, code) for code in (None, "SILVER", "GOLD", "TOP", "NEVER HEARD OF")] == [0, 1, 2, 2, 0]
    assert [both.rank(v2, code) for code in (None, "SILVER", "GOLD", "TOP")] == [0, 1, 1, 2]


def test_versions_come_into_force_in_order_however_they_are_given() -> None:
    v1, v2 = policy(), policy("v2", "2020-01-01T00:00:00Z")
    both = PolicySet([v2, v1])
    assert both.in_force(instant("2000-01-01")) is v1
    assert both.in_force(instant("2019-12-31T23:59:59.999999Z")) is v1
    assert both.in_force(instant("2020-01-01T00:00:00Z")) is v2


def test_a_version_that_decided_earlier_must_be_among_those_given() -> None:
    with pytest.raises(LookupError, match="'v0' decided earlier but is not among those given: v1"):
        PolicySet([policy()]).named("v0")


@pytest.mark.parametrize(
    ("versions", "message"),
    [
        ([], "at least one policy"),
        ([policy(), policy("v1", "2020-01-01")], "the same version"),
        ([policy(), policy("v2")], "the same effective_at"),
        ([policy(), policy("v2", "2020-01-01", zone="Asia/Shanghai")], "zone and billing.anchor_day"),
        ([policy(), policy("v2", "2020-01-01", anchor_day=15)], "zone and billing.anchor_day"),
    ],
)
def test_versions_that_do_not_fit_together_are_refused(versions: list[Policy], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PolicySet(versions)


def test_tiers_have_cards() -> None:
    assert (GOLD.card, SILVER.card) == ("gold", None)
