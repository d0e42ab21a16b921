"""Growth arithmetic: how many customers a target asks for, and how the year stands against it (DOMAIN section 4)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

DECEMBER = 12


class Growth(NamedTuple):
    """What a target asks for, in whole customers, and what there is to draw it from."""

    target: int
    current: int
    loss: int
    to_develop: int
    pool: int  # 准中高端 and 不规则需求
    too_few: int  # what the pool lacks, 0 where it is enough


def to_develop(target: int, current: int, loss_percent: float) -> tuple[int, int]:
    """Give the loss to expect and the customers to develop, whole customers, none below 0 (DOMAIN section 4)."""
    loss = ceil(current * loss_percent / 100)
    return loss, max(0, target - (current - loss))


def growth(target: int, current: int, loss_percent: float, pool: int) -> Growth:
    """Reckon what a target asks for against the pool that it is drawn from."""
    loss, wanted = to_develop(target, current, loss_percent)
    return Growth(target, current, loss, wanted, pool, max(0, wanted - pool))


def yearly_average(monthly_heads: Sequence[int]) -> Fraction | None:
    """Give the yearly assessed figure: the mean of the monthly counts; None before any (DOMAIN section 4)."""
    return Fraction(sum(monthly_heads), len(monthly_heads)) if monthly_heads else None


class YearToGo(NamedTuple):
    """How the monthly counts of a year stand against a target for their mean."""

    first: int  # the month of the year that counts first
    counted: int  # months
    mean: Fraction | None  # of those counted; None before any
    left: int  # months
    to_reach: Fraction  # the mean of the months left for the year's to be the target, 0 where that is sure


def year_to_go(target: int, monthly_heads: Mapping[int, int]) -> YearToGo | None:
    """Reckon what the months left of a year must reach, from the counts by month (1 to 12); None once none is left.

    The yearly figure is the mean of the months that were counted (DOMAIN section 4): a month before the first count, or
    one left out between, has no count and takes no part.
    """
    left = DECEMBER - max(monthly_heads, default=0)
    if not left:
        return None
    heads = list(monthly_heads.values())
    months = len(heads) + left
    to_reach = max(Fraction(0), Fraction(target * months - sum(heads), left))
    return YearToGo(min(monthly_heads, default=1), len(heads), yearly_average(heads), left, to_reach)
