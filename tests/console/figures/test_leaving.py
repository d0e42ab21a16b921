"""Behaviour before churn: weighted means and quartiles of who left, beside who stayed."""

from collections import Counter
from datetime import date
from statistics import quantiles
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.console.desk import Desk
from stream_app.console.figures.leaving import described, leaving
from stream_app.console.store.database import reading
from tests.console.figures.people import People

SINCE = date(2025, 1, 1)

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def looks(silent: int | None, days_before: int = 30) -> list[dict[str, Any]]:
    return [{"days_before": days_before, "seen_on": "2025-05-01", "indicators": {"silent_days": silent}}]


def test_who_left_stands_beside_who_stayed_by_indicator_and_days_before(desk: Desk, people: People) -> None:
    for silent in (0, 10, 20, 30, 40):
        people.outcome(left=True, looks=looks(silent) + looks(silent // 10, days_before=90))
    for quiet in (0, 0, 1, 2, None):
        people.outcome(left=False, looks=looks(quiet), weight=50)
    people.outcome(left=True, looks=looks(1_000), outcome_on=date(2024, 12, 31))  # too long ago
    with reading(desk.engine) as connection:
        value = leaving(connection, SINCE)
    assert (value["all"]["left"], value["all"]["stayed"]) == (5, 5)
    assert value["all"]["indicators"]["silent_days"] == {
        "30": {
            "left": {"heads": 5, "mean_hundredths": 2_000, "quartiles": [10, 20, 30], "gaps": 0},
            "stayed": {"heads": 200, "mean_hundredths": 75, "quartiles": [0, 0, 1], "gaps": 50},
        },
        "90": {"left": {"heads": 5, "mean_hundredths": 200, "quartiles": [1, 2, 3], "gaps": 0}},
    }


@on_sqlite
def test_too_few_customers_are_counted_and_not_described(desk: Desk, people: People) -> None:
    for branch_id in ("b1", "b1", "b1", "b2", "b2"):
        people.outcome(left=True, looks=looks(3), branch_id=branch_id)
    with reading(desk.engine) as connection:
        value = leaving(connection, SINCE)
    assert value["branches"]["b1"] == {"left": 3, "stayed": 0, "indicators": {}}
    assert set(value["all"]["indicators"]) == {"silent_days"}


@given(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=60))
def test_quartiles_split_what_was_seen(values: list[int]) -> None:
    found = described(Counter(values))
    for percent, quartile in zip((25, 50, 75), found["quartiles"], strict=True):
        assert sum(value <= quartile for value in values) * 100 >= percent * len(values)
        assert sum(value < quartile for value in values) * 100 < percent * len(values)
    if len(values) % 4 == 3:  # where the ways to take quartiles agree
        assert found["quartiles"] == [round(each) for each in quantiles(values, n=4)]


@given(st.dictionaries(st.integers(-1_000, 1_000), st.integers(1, 50), min_size=1, max_size=20))
def test_a_weight_counts_as_so_many_customers(weights: dict[int, int]) -> None:
    one_by_one = [value for value, weight in weights.items() for _ in range(weight)]
    assert described(weights) == described(Counter(one_by_one))
    assert described(weights)["heads"] == len(one_by_one)
