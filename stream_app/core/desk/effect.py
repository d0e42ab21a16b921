"""What calls bring: shares retained, and how far they differ from those of the held-out group (DOMAIN section 6).

Rule: a case counts where its lot put it as it opened, called or held out, whatever came of it (intention to treat).
"""

from math import sqrt
from typing import NamedTuple

Z_95 = 1.959963984540054  # the 97.5% point of the normal distribution
FEWEST = 30  # cases on each side, below which no difference is told


class Share(NamedTuple):
    """So many of so many."""

    kept: int
    of: int


class Interval(NamedTuple):
    """A figure with the bounds of its 95% interval."""

    point: float
    low: float
    high: float


def wilson(share: Share, z: float = Z_95) -> Interval | None:
    """Give a share with Wilson's score interval (Wilson 1927); None of nobody."""
    if not share.of:
        return None
    count, found = share.of, share.kept / share.of
    middle = (found + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(found * (1 - found) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    # At no or at all the bound is 0 or 1; the arithmetic of floats misses it by a hair.
    low = 0.0 if share.kept == 0 else max(0.0, middle - half)
    high = 1.0 if share.kept == share.of else min(1.0, middle + half)
    return Interval(found, low, high)


def difference(called: Share, held_out: Share) -> Interval | None:
    """Give the difference of two shares with Newcombe's hybrid score interval; None where a side is empty.

    Newcombe 1998, Statistics in Medicine 17:873-890, method 10: it holds for small samples and shares near 0 and 1.
    """
    first, second = wilson(called), wilson(held_out)
    if first is None or second is None:
        return None
    point = first.point - second.point
    below = sqrt((first.point - first.low) ** 2 + (second.high - second.point) ** 2)
    above = sqrt((first.high - first.point) ** 2 + (second.point - second.low) ** 2)
    return Interval(point, max(-1.0, point - below), min(1.0, point + above))


def is_enough(called: Share, held_out: Share) -> bool:
    """Tell whether both sides hold cases enough for a difference to be told."""
    return min(called.of, held_out.of) >= FEWEST


def verdict(called: Share, held_out: Share) -> str:
    """Judge a difference in a word: too_few, better, worse, or open where the interval holds 0."""
    found = difference(called, held_out)
    if found is None or not is_enough(called, held_out):
        return "too_few"
    if found.low > 0:
        return "better"
    return "worse" if found.high < 0 else "open"
