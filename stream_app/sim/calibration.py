"""The printed figures the simulated population is calibrated on: Chengdu, January 2003.

Source: DOMAIN.md section 8 ([004]), floors from section 3. Figures only, no rules.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Tier: TypeAlias = Literal["C1", "C2", "C3", "C4", "C5", "C6"]
ServiceKind: TypeAlias = Literal[
    "local",
    "domestic_long_distance",
    "international_long_distance",
    "domestic_roaming",
    "international_roaming",
    "sms",
]

TIERS: Final[tuple[Tier, ...]] = ("C1", "C2", "C3", "C4", "C5", "C6")
SERVICE_KINDS: Final[tuple[ServiceKind, ...]] = (
    "local",
    "domestic_long_distance",
    "international_long_distance",
    "domestic_roaming",
    "international_roaming",
    "sms",
)

# Three-month ARPU, lower bound inclusive, in fen.
TIER_FLOORS_FEN: Final[Mapping[Tier, int]] = MappingProxyType(
    {"C1": 300_000, "C2": 150_000, "C3": 80_000, "C4": 50_000, "C5": 30_000, "C6": 20_000}
)

# C1 has no ceiling in the sources; the simulation stops drawing here.
TOP_REVENUE_FEN: Final = 800_000

# Heads of the credit big customers, in percent (they sum to 99.9 as printed).
TIER_HEADS: Final[Mapping[Tier, float]] = MappingProxyType(
    {"C1": 0.1, "C2": 2.4, "C3": 22.5, "C4": 69.8, "C5": 4.7, "C6": 0.4}
)

# Percent of usage revenue, in the order of SERVICE_KINDS. C1's international
# long distance is printed 8.0, which makes its row 107; 1.0 makes it 100 and
# is what we read.
_PRINTED: Final[Mapping[Tier, tuple[float, ...]]] = MappingProxyType(
    {
        "C1": (40.3, 7.0, 1.0, 22.3, 28.9, 0.5),
        "C2": (49.7, 8.8, 3.0, 30.0, 7.8, 0.7),
        "C3": (63.2, 7.8, 0.8, 24.7, 2.3, 1.2),
        "C4": (71.6, 6.3, 0.4, 19.0, 1.2, 1.5),
    }
)

SERVICE_MIX: Final[Mapping[Tier, Mapping[ServiceKind, float]]] = MappingProxyType(
    {tier: MappingProxyType(dict(zip(SERVICE_KINDS, row, strict=True))) for tier, row in _PRINTED.items()}
)

# All of Chengdu, 2002: ordinary customers are 97.5% of heads and 86.1% of
# revenue; 1.08 billion yuan over 1.2 million customers is 75 yuan a month,
# so an ordinary customer spends 66.
ORDINARY_HEADS_PERCENT: Final = 97.5
ORDINARY_REVENUE_PERCENT: Final = 86.1
ORDINARY_MEAN_FEN: Final = 6_600


def tier_of(arpu_fen: float) -> Tier | None:
    """Name the tier whose floor a three-month ARPU reaches; None below them all."""
    return next((tier for tier in TIERS if arpu_fen >= TIER_FLOORS_FEN[tier]), None)


def service_mix(tier: Tier | None) -> Mapping[ServiceKind, float]:
    """Give the service mix of a tier; below C4 nothing is printed, and C4's stands in."""
    return SERVICE_MIX.get(tier or "C4", SERVICE_MIX["C4"])
