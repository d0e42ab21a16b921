"""Growth arithmetic in whole customers, and the yearly figure as the mean of the monthly ones."""

from fractions import Fraction

import pytest

from stream_app.core.desk.growth import Growth, YearToGo, growth, to_develop, year_to_go, yearly_average


@pytest.mark.parametrize(
    ("target", "current", "loss_percent", "answer"),
    [(150, 123, 4.5, (6, 33)), (100, 100, 0, (0, 0)), (90, 100, 5, (5, 0)), (100, 0, 50, (0, 100))],
)
def test_what_is_to_develop_is_the_target_less_what_stays(
    target: int, current: int, loss_percent: float, answer: tuple[int, int]
) -> None:
    assert to_develop(target, current, loss_percent) == answer


def test_the_pool_is_held_against_what_is_to_develop() -> None:
    assert growth(150, 123, 4.5, pool=30) == Growth(150, 123, 6, 33, 30, 3)
    assert growth(150, 123, 4.5, pool=40).too_few == 0


def test_the_yearly_figure_is_the_mean_of_the_months_there_are() -> None:
    assert yearly_average([10, 11, 12, 12]) == Fraction(45, 4)
    assert yearly_average([]) is None


def test_the_months_left_must_make_up_for_what_lacks() -> None:
    assert year_to_go(12, {1: 9, 2: 9, 3: 9}) == YearToGo(1, 3, Fraction(9), 9, Fraction(13))
    assert year_to_go(12, dict.fromkeys(range(1, 13), 9)) is None
    assert year_to_go(12, {}) == YearToGo(1, 0, None, 12, Fraction(12))
    assert yearly_average([9] * 3 + [13] * 9) == 12


def test_months_before_the_first_count_take_no_part_in_the_year_s_mean() -> None:
    heads = {5: 60, 6: 60, 7: 60, 8: 60, 9: 64, 10: 64}
    assert year_to_go(80, heads) == YearToGo(5, 6, Fraction(368, 6), 2, Fraction(136))
    assert yearly_average([*heads.values(), 136, 136]) == 80
    assert year_to_go(80, {11: 200}) == YearToGo(11, 1, Fraction(200), 1, Fraction(0))  # sure already
