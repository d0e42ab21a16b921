"""Concentration of revenue: what share the top customers bring, the curve of all shares, Gini (DOMAIN sections 7, 8).

Customers come as heads by revenue in fen; sums are exact. A month's revenue below 0, more refunded than billed, counts
as 0 here: a share of the whole must lie between 0 and 1.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

Heads = Mapping[int, int]
"""Revenue in fen -> customers who bring just that."""

PERCENTS = (1, 2, 5, *range(10, 101, 10))


class Point(NamedTuple):
    """The top so many customers, and what they bring together."""

    heads: int
    revenue_fen: int


class Concentration(NamedTuple):
    """How revenue is spread over customers."""

    heads: int
    revenue_fen: int
    points: tuple[Point, ...]  # one a percentage asked for
    top: tuple[Point, ...]  # one a number asked for
    gini: Fraction | None  # 0: all bring the same, near 1: one brings all; None without revenue


def concentration(heads: Heads, percents: Sequence[int] = PERCENTS, numbers: Sequence[int] = ()) -> Concentration:
    """Measure how revenue is spread; a percentage of customers is rounded up to whole ones."""
    ranked = _ranked(heads)
    counts = list(accumulate(each.heads for each in ranked))
    sums_fen = list(accumulate(each.heads * each.revenue_fen for each in ranked))
    whole, total_fen = (counts[-1], sums_fen[-1]) if ranked else (0, 0)
    wanted = [-(-whole * percent // 100) for percent in percents] + [min(whole, number) for number in numbers]
    found = tuple(_points(ranked, wanted))
    return Concentration(whole, total_fen, found[: len(percents)], found[len(percents) :], _gini(ranked, total_fen))


def share(point: Point, whole: Concentration) -> Fraction | None:
    """Give the share of all revenue that a point's customers bring; None without revenue."""
    return Fraction(point.revenue_fen, whole.revenue_fen) if whole.revenue_fen else None


def _ranked(heads: Heads) -> list[Point]:
    """Rank groups of customers with the same revenue, the highest first; `revenue_fen` is of each of them."""
    floored: dict[int, int] = {}
    for revenue_fen, count in heads.items():
        floored[max(0, revenue_fen)] = floored.get(max(0, revenue_fen), 0) + count
    return [Point(count, revenue_fen) for revenue_fen, count in sorted(floored.items(), reverse=True) if count]


def _points(ranked: Sequence[Point], wanted: Sequence[int]) -> list[Point]:
    found = {0: Point(0, 0)}
    rest = sorted(set(wanted) - {0}, reverse=True)
    count = sum_fen = 0
    for group in ranked:
        while rest and rest[-1] <= count + group.heads:
            number = rest.pop()
            found[number] = Point(number, sum_fen + (number - count) * group.revenue_fen)
        count, sum_fen = count + group.heads, sum_fen + group.heads * group.revenue_fen
    return [found[number] for number in wanted]


def _gini(ranked: Sequence[Point], total_fen: int) -> Fraction | None:
    """Give the mean difference between two customers over twice the mean."""
    if not total_fen:
        return None
    whole, before, weighted = sum(each.heads for each in ranked), 0, 0
    for group in ranked:  # the sum over customers of (customers below - customers above) * revenue
        above, below = before, whole - before - group.heads
        weighted += (below - above) * group.heads * group.revenue_fen
        before += group.heads
    return Fraction(weighted, whole * total_fen)
