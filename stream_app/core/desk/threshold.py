"""How far down the list a branch can call: the capacity of a day against the scores of those at risk (DOMAIN 6)."""

from collections.abc import Mapping
from typing import NamedTuple


class Reach(NamedTuple):
    """How far a day's calls go."""

    bound: int | None  # the lowest score of which all can be called; None: not even all of the highest
    served: int  # calls that the capacity is good for
    left: int  # who is not called


def reach(heads: Mapping[int, int], capacity_a_day: int) -> Reach:
    """Find how far down the list so many calls go, the highest scores first; `heads` are customers by score."""
    bound, within = None, 0
    for score in sorted((score for score, count in heads.items() if count > 0), reverse=True):
        within += heads[score]
        if within > capacity_a_day:
            break
        bound = score
    total = sum(heads.values())
    served = min(total, max(0, capacity_a_day))
    return Reach(bound, served, total - served)
