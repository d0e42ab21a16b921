"""Growth arithmetic: how many customers a target asks for, and how the year stands against it (DOMAIN section 4)."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple


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


def still_to_reach(target: int, monthly_heads: Sequence[int], months: int = 12) -> Fraction | None:
    """Give the mean that the months left must reach for the year's mean to be the target; None once none is left."""
    left = months - len(monthly_heads)
    return Fraction(target * months - sum(monthly_heads), left) if left > 0 else None
