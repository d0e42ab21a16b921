"""Concentration: exact sums, against a way to reckon them that goes customer by customer."""

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk.concentration import PERCENTS, Point, concentration, share

revenues = st.lists(st.integers(-50, 40) | st.integers(-(10**12), 10**12), max_size=40)


def test_five_customers_by_hand() -> None:
    found = concentration(Counter([10_000, 5_000, 5_000, 0, -300]), percents=(20, 50, 100), numbers=(2, 9))
    assert (found.heads, found.revenue_fen) == (5, 20_000)
    assert found.points == (Point(1, 10_000), Point(3, 20_000), Point(5, 20_000))
    assert found.top == (Point(2, 15_000), Point(5, 20_000))
    assert share(found.points[0], found) == Fraction(1, 2)
    assert found.gini == Fraction(10_000 * 4 + 5_000 * 2 + 5_000 * 0, 5 * 20_000) + 0


def test_nobody_and_nothing_have_no_share() -> None:
    nobody, nothing = concentration({}), concentration({0: 3, -5: 1})
    assert (nobody.heads, nobody.gini, share(nobody.points[0], nobody)) == (0, None, None)
    assert (nothing.heads, nothing.revenue_fen, nothing.gini) == (4, 0, None)


@given(revenues)
def test_the_top_customers_bring_what_they_bring_one_by_one(given_fen: list[int]) -> None:
    ranked = sorted((max(0, fen) for fen in given_fen), reverse=True)
    found = concentration(Counter(given_fen), numbers=(1, 5))
    for percent, point in zip(PERCENTS, found.points, strict=True):
        heads = -(-len(ranked) * percent // 100)
        assert point == Point(heads, sum(ranked[:heads]))
    assert found.top == tuple(Point(min(n, len(ranked)), sum(ranked[:n])) for n in (1, 5))


@given(revenues)
def test_gini_is_the_mean_difference_over_twice_the_mean(given_fen: list[int]) -> None:
    floored = [max(0, fen) for fen in given_fen]
    found = concentration(Counter(given_fen)).gini
    if not sum(floored):
        assert found is None
        return
    differences = sum(abs(one - other) for one in floored for other in floored)
    assert found == Fraction(differences, 2 * len(floored) * sum(floored))


@given(revenues)
def test_the_curve_rises_ever_more_slowly_to_the_whole(given_fen: list[int]) -> None:
    found = concentration(Counter(given_fen), percents=range(101))
    steps = [(later.heads - sooner.heads, later.revenue_fen - sooner.revenue_fen)
             for sooner, later in zip(found.points, found.points[1:], strict=False)]  # fmt: skip
    means = [Fraction(fen, heads) for heads, fen in steps if heads]
    assert means == sorted(means, reverse=True)
    assert found.points[-1] == Point(found.heads, found.revenue_fen)


@given(st.integers(1, 30), st.integers(1, 10**9))
def test_with_the_same_of_everybody_nothing_is_concentrated(heads: int, fen: int) -> None:
    assert concentration({fen: heads}).gini == 0


@given(st.integers(1, 30), st.integers(1, 10**9))
def test_one_who_brings_all_is_all_the_concentration_there_is(others: int, fen: int) -> None:
    assert concentration({fen: 1, 0: others}).gini == Fraction(others, others + 1)
