"""How far down the list a branch can call."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk.threshold import Reach, reach


@pytest.mark.parametrize(
    ("capacity", "found"),
    [
        (0, Reach(None, 0, 5)),
        (1, Reach(90, 1, 4)),
        (3, Reach(90, 3, 2)),  # two of the three at 70: the bound tells whom all can be called
        (4, Reach(70, 4, 1)),
        (5, Reach(50, 5, 0)),
        (9, Reach(50, 5, 0)),
    ],
)
def test_the_bound_is_the_lowest_score_of_which_all_can_be_called(capacity: int, found: Reach) -> None:
    assert reach({90: 1, 70: 3, 50: 1}, capacity) == found


def test_nobody_at_risk_is_nobody_to_call() -> None:
    assert reach({}, 20) == Reach(None, 0, 0)


@given(st.lists(st.integers(0, 100)), st.integers(0, 50))
def test_all_from_the_bound_on_fit_and_one_score_more_would_not(scores: list[int], capacity: int) -> None:
    found = reach(Counter(scores), capacity)
    assert found.served + found.left == len(scores)
    assert found.served <= capacity
    above = [score for score in scores if found.bound is not None and score >= found.bound]
    assert len(above) <= capacity
    below = sorted((score for score in scores if score not in above), reverse=True)
    assert not below or len(above) + below.count(below[0]) > capacity
