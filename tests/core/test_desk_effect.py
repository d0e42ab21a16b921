"""The held-out group: Newcombe's own examples, and what must hold of any two shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.core.desk.effect import Interval, Share, difference, verdict, wilson

shares = st.integers(1, 400).flatmap(lambda of: st.integers(0, of).map(lambda kept: Share(kept, of)))


@pytest.mark.parametrize(
    ("called", "held_out", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(6, 7), Share(2, 7), 0.0582, 0.8062),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(0, 10), Share(0, 20), -0.1611, 0.2775),
        (Share(0, 10), Share(0, 10), -0.2775, 0.2775),
        (Share(10, 10), Share(0, 20), 0.6791, 1.0),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    called: Share, held_out: Share, low: float, high: float
) -> None:
    found = difference(called, held_out)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [  # Newcombe 1998, Statistics in Medicine 17:857-872, table I, method 3
        (Share(81, 263), 0.2553, 0.3662),
        (Share(15, 148), 0.0624, 0.1605),
        (Share(0, 20), 0.0, 0.1611),
        (Share(1, 29), 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(share: Share, low: float, high: float) -> None:
    found = wilson(share)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(shares, shares)
def test_the_interval_holds_the_difference_and_stays_within_bounds(called: Share, held_out: Share) -> None:
    found = difference(called, held_out)
    assert found is not None
    assert -1 <= found.low <= found.point <= found.high <= 1


@given(shares, shares)
def test_with_the_sides_changed_the_interval_is_mirrored(called: Share, held_out: Share) -> None:
    there, back = difference(called, held_out), difference(held_out, called)
    assert there is not None
    assert back is not None
    assert there.low == pytest.approx(-back.high)
    assert there.high == pytest.approx(-back.low)


@given(shares)
def test_more_cases_of_the_same_share_narrow_the_interval(share: Share) -> None:
    few, many = wilson(share), wilson(Share(share.kept * 4, share.of * 4))
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_nobody_has_no_share_and_no_difference() -> None:
    assert wilson(Share(0, 0)) is None
    assert difference(Share(0, 0), Share(1, 2)) is None
    assert verdict(Share(0, 0), Share(1, 2)) == "too_few"


@pytest.mark.parametrize(
    ("called", "held_out", "word"),
    [
        (Share(29, 29), Share(0, 400), "too_few"),
        (Share(400, 400), Share(0, 29), "too_few"),
        (Share(95, 100), Share(70, 100), "better"),
        (Share(70, 100), Share(95, 100), "worse"),
        (Share(90, 100), Share(89, 100), "open"),
    ],
)
def test_a_difference_is_judged_by_its_interval_once_there_are_cases_enough(
    called: Share, held_out: Share, word: str
) -> None:
    assert verdict(called, held_out) == word


def test_an_interval_is_plain_figures() -> None:
    assert difference(Share(0, 10), Share(0, 10)) == Interval(0.0, -0.2775327998628892, 0.2775327998628892)
