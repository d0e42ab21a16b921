"""Snapshot cohorts 拍照客户: frozen on a day, and what became of their members since (DOMAIN section 4).

Rule: the base never changes; who left, or fell, stays in it.
"""

from datetime import date
from typing import NamedTuple

from stream_app.core.policy import MeasurePolicy


class Retention(NamedTuple):
    """Members of a cohort: as frozen, still on the network, and still above the bound of the mid-to-high end."""

    heads: int = 0
    on_network: int = 0
    above: int = 0

    def __add__(self, other: object) -> "Retention":
        """Put two groups together."""
        if not isinstance(other, Retention):
            return NotImplemented
        return Retention(self.heads + other.heads, self.on_network + other.on_network, self.above + other.above)


def own_name(on: date) -> tuple[str, ...]:
    """Name the cohorts that freeze by themselves on a day: a month's on its first, a year's on its first."""
    if on.day != 1:
        return ()
    month = f"{on:%Y-%m}"
    return (month, f"{on:%Y}") if on.month == 1 else (month,)


def band(tenure_months: int | None, policy: MeasurePolicy) -> str:
    """Name the band of a tenure; empty where it is not known."""
    if tenure_months is None:
        return ""
    return [each.name for each in policy.tenure_bands if each.from_months <= max(0, tenure_months)][-1]
