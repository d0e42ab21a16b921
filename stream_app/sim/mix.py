"""What a population is made of: shares, all parameters with reasons.

Rule: a mix holds no state and knows no person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from stream_app.sim.calibration import ORDINARY_HEADS_PERCENT, TIER_HEADS, TIERS, Tier

ORDINARY: Final = "ordinary"


class Story(StrEnum):
    """How the months of a person go."""

    STEADY = "steady"
    GROWING = "growing"
    DECLINING = "declining"
    LEAVING = "leaving"
    RETURNING = "returning"
    LATE_PAYING = "late_paying"


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of a population, each from 0 to 1.

    `movers` is the flow over each border between two tiers, as a share of the
    smaller side's heads, the same up as down: heads by tier stay as they are.
    `kept`: of those who mean to leave, whom a measure keeps. The last four are
    shares of customers and months, and look like leaving where nobody leaves:
    a journey without any use, a month of little use, a question to a
    competitor, a call of a campaign.
    """

    big_share: float
    heads: Mapping[Tier, float] = field(default_factory=lambda: TIER_HEADS, hash=False)
    movers: float = 0.12
    leavers: float = 0.02
    returners: float = 0.01
    late_payers: float = 0.02
    contracts: float = 0.98
    contract_lapses: float = 0.05
    discounts: float = 0.05
    refunds: float = 0.005
    rebills: float = 0.003
    complaints: float = 0.004
    kept: float = 0.2
    holidays: float = 0.03
    cheap_months: float = 0.01
    curious: float = 0.01
    campaigns: float = 0.01

    def __post_init__(self) -> None:
        """Refuse shares that are none (ValueError)."""
        shares = {name: getattr(self, name) for name in self.__slots__ if name != "heads"}
        for name, share in shares.items():
            if not 0 <= share <= 1:
                message = f"{name} is a share, from 0 to 1: {share}"
                raise ValueError(message)

    def segments(self) -> dict[str, float]:
        """Give the share of each tier and of the ordinary customers, highest first."""
        total = sum(self.heads.values())
        shares: dict[str, float] = {tier: self.big_share * self.heads.get(tier, 0.0) / total for tier in TIERS}
        shares[ORDINARY] = 1 - self.big_share
        return shares

    def stories(self, segment: str) -> list[tuple[float, str]]:
        """Give the cumulative shares of the stories within a segment."""
        shares = self.segments()
        names = list(shares)
        place = names.index(segment)
        above = names[place - 1] if place else None
        below = names[place + 1] if place + 1 < len(names) else None
        return _cumulated(
            {
                Story.GROWING: self._flow(shares, segment, above),
                Story.DECLINING: self._flow(shares, segment, below),
                Story.LEAVING: self.leavers,
                Story.RETURNING: self.returners,
                Story.LATE_PAYING: self.late_payers,
                Story.STEADY: 1.0,
            }
        )

    def _flow(self, shares: Mapping[str, float], segment: str, other: str | None) -> float:
        if other is None or not shares[segment]:
            return 0.0
        return self.movers * min(shares[segment], shares[other]) / shares[segment]


def _cumulated(shares: Mapping[Story, float]) -> list[tuple[float, str]]:
    bounds: list[tuple[float, str]] = []
    bound = 0.0
    for story, share in shares.items():
        bound += share
        bounds.append((bound, story))
    return bounds


# The city as it was: few big customers, quiet months.
CHENGDU: Final = Mix(big_share=1 - ORDINARY_HEADS_PERCENT / 100)

# For people who watch: the same heads by tier, but many more big customers and more going on.
DEMO: Final = Mix(
    big_share=0.4,
    movers=0.5,
    leavers=0.05,
    returners=0.05,
    late_payers=0.06,
    refunds=0.03,
    complaints=0.02,
    holidays=0.05,
    cheap_months=0.015,
    curious=0.02,
    campaigns=0.02,
)
