"""Policies and paces at the edges of what may be set."""

from datetime import UTC, datetime, timedelta
from random import Random

from stream_app.core.policy import Billing, Dedup, Policy, PolicySet, Retention, Tier, TierPolicy
from tests.fuzz.course import Pace

ZONES = ("UTC", "Asia/Shanghai", "Pacific/Apia", "America/St_Johns")
TIERS = (
    (Tier("GOLD", 5000, "gold"), Tier("SILVER", 2000), Tier("BRONZE", 300)),
    (Tier("TOP", 80_000), Tier("GOLD", 9000), Tier("ALL", 0)),
    (Tier("ONE", 1),),
    (Tier("HIGHEST", 10**13), Tier("SILVER", 40)),
)
STARTS_AT = (
    datetime(2025, 1, 10, tzinfo=UTC),
    datetime(2024, 2, 28, 23, tzinfo=UTC),
    datetime(2011, 12, 20, tzinfo=UTC),  # Apia skips a day
    datetime(1999, 11, 1, tzinfo=UTC),  # the first months laid out are those of 2000
    datetime(2099, 6, 1, tzinfo=UTC),  # the last ones those of 2099
    datetime(1969, 11, 1, tzinfo=UTC),
    datetime(1, 6, 1, tzinfo=UTC),
    datetime(9999, 4, 1, tzinfo=UTC),
)
LONG_LIVED_PACE = Pace(STARTS_AT[0], 120.0, 150, (0, 1, 2, 3), first_tick=True)


def any_pace(chance: Random) -> Pace:
    """Draw how a course goes; most begin in our days."""
    return Pace(
        STARTS_AT[0] if chance.random() < 0.6 else chance.choice(STARTS_AT),
        chance.choice((60.0, 1800.0, 7200.0, 7200.0, 30_000.0, 30_000.0)),
        chance.choice((1, 4, 20, 60)),
        chance.choice(((0, 0, 1), (0, 1, 2, 3), (0, 1, 2, 3), (4, 12))),
        first_tick=chance.random() < 0.9,
    )


def any_policies(chance: Random, start_at: datetime) -> PolicySet:
    """Draw one or two versions of a policy."""
    zone, anchor_day = chance.choice(ZONES), chance.choice((1, 1, 15, 28))
    later_at = start_at + timedelta(days=100)
    starts_at = [datetime(2017, 1, 1, tzinfo=UTC), later_at]
    return PolicySet(
        [
            _policy(chance, f"v{number}", at, (zone, anchor_day))
            for number, at in enumerate(starts_at[: chance.choice((1, 2))])
        ]
    )


def _policy(chance: Random, version: str, effective_at: datetime, where: tuple[str, int]) -> Policy:
    return Policy(
        version,
        effective_at,
        chance.choice(TIERS),
        Billing(*where, grace_hours=chance.choice((0, 48, 600)), correctable_months=chance.choice((1, 3, 3, 24))),
        TierPolicy(chance.choice((1, 3)), chance.random() < 0.3, chance.choice((0, 30, 366))),
        Dedup(chance.choice((1, 16, 16, 1024))),
        Retention(chance.choice((1, 24, 240))),
    )
