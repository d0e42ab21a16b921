"""Who the simulated subscribers are: drawn once from the seed, never changed.

Rule: a person holds what stays; what a month brings is in course.py.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from random import Random
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from stream_app.sim.archetypes import Intent, intent
from stream_app.sim.calibration import (
    ORDINARY_MEAN_FEN,
    TIER_FLOORS_FEN,
    TIERS,
    TOP_REVENUE_FEN,
    Tier,
)
from stream_app.sim.chance import evenly, pick, pseudonym, seeded
from stream_app.sim.mix import DEMO, Mix, Story

# Draws keep this share of a tier's (logarithmic) width off its borders, so
# that an ordinary month's variation does not carry a steady customer over.
_MARGIN: Final = 0.2
_ORDINARY_SIGMA: Final = 0.55
_ORDINARY_BOUNDS_FEN: Final = (1_500, 18_500)
_TAKES_THE_PLAN: Final = 0.5  # of the ordinary customers who could
_PHASES: Final = 24  # the longest cycle of a story, in months
BRANCHES: Final = 12
LEAVERS: Final = frozenset({Story.LEAVING, Story.RETURNING})
_LEAVERS_MEASURES: Final = 0.5  # as many of them as others hold one
_DISCOUNTS_PERMILLE: Final = (50, 100, 150)


class Plan(NamedTuple):
    """A tariff: brand, name and monthly fee."""

    brand: str
    name: str
    fee_fen: int


GOTONE: Final = Plan("gotone", "gotone-50", 5_000)
MZONE: Final = Plan("mzone", "mzone-20", 2_000)
EASYOWN: Final = Plan("easyown", "easyown-0", 0)


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber: home tier and revenue, the other level of those who move, and the rest.

    `phase` shifts the person's course and contract against the calendar, in months.
    `intent`: why they leave, None for all who do not.
    """

    index: int
    subscriber_id: str
    tier: Tier | None
    story: Story
    phase: int
    home_fen: int
    other_fen: int
    plan: Plan
    branch_id: str
    tenure: timedelta
    contract: bool
    lapses: bool
    discount_permille: int
    measures: tuple[str, ...]
    bill_day: int
    intent: Intent | None


@dataclass(frozen=True)
class Population:
    """Simulated subscribers: the same from the same seed, and in any larger population.

    `usage_per_day` is the mean number of usage events of a subscriber and day.
    """

    seed: int
    subscribers: int
    mix: Mix = DEMO
    zone: str = "Asia/Shanghai"
    usage_per_day: float = 5.0
    branches: int = BRANCHES
    timezone: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse figures without a meaning (ValueError) and zones unknown (ZoneInfoNotFoundError)."""
        if self.seed < 0 or min(self.subscribers, self.branches) < 1 or self.usage_per_day <= 0:
            message = "a population needs a seed >= 0, a subscriber, a branch and some usage a day"
            raise ValueError(message)
        object.__setattr__(self, "timezone", ZoneInfo(self.zone))

    def people(self) -> Iterator[Person]:
        """Yield every person, in a fixed order."""
        draw = _Drawing(self.seed, self.mix, self.branches)
        return (draw.person(index) for index in range(self.subscribers))


class _Drawing:
    """The drawing of people from a seed and a mix."""

    def __init__(self, seed: int, mix: Mix, branches: int) -> None:
        self._seed, self._mix, self._branches = seed, mix, branches
        self._segments: list[tuple[float, str]] = []
        bound = 0.0
        for segment, share in mix.segments().items():
            bound += share
            self._segments.append((bound, segment))
        self._stories = cache(mix.stories)

    def person(self, index: int) -> Person:
        """Draw the index-th person."""
        chance = seeded(self._seed, index)
        segment = pick(self._segments, evenly(self._seed, index, 0))
        tier = _tier_named(segment)
        story = Story(pick(self._stories(segment), evenly(self._seed, index, 1)))
        home_fen = _revenue(chance, tier)
        plan = _plan(chance, tier, home_fen)
        leaver = story in LEAVERS
        return Person(
            index=index,
            subscriber_id=pseudonym(self._seed, index),
            tier=tier,
            story=story,
            phase=int(_PHASES * evenly(self._seed, index, 2)),
            home_fen=home_fen,
            other_fen=_other_revenue(chance, tier, story, home_fen),
            plan=plan,
            branch_id=f"branch-{chance.randrange(self._branches) + 1:02}",
            tenure=_tenure(chance, leaver=leaver),
            contract=plan is GOTONE and chance.random() < self._mix.contracts,
            lapses=chance.random() < self._mix.contract_lapses,
            discount_permille=_discount(chance, self._mix.discounts),
            measures=_measures(chance, plan, leaver=leaver),
            bill_day=1 + chance.randrange(3),
            intent=intent(self._seed, index, self._mix.kept) if leaver else None,
        )


def _tier_named(segment: str) -> Tier | None:
    return next((tier for tier in TIERS if tier == segment), None)


def _revenue(chance: Random, tier: Tier | None) -> int:
    """Draw a monthly revenue that lies well within a tier."""
    if tier is None:
        return _ordinary_revenue(chance)
    floor_fen = TIER_FLOORS_FEN[tier]
    place = TIERS.index(tier)
    ceiling_fen = TIER_FLOORS_FEN[TIERS[place - 1]] if place else TOP_REVENUE_FEN
    width = _MARGIN + (1 - 2 * _MARGIN) * chance.random()
    return int(floor_fen * (ceiling_fen / floor_fen) ** width)


def _ordinary_revenue(chance: Random) -> int:
    center = math.log(ORDINARY_MEAN_FEN) - _ORDINARY_SIGMA**2 / 2
    low_fen, high_fen = _ORDINARY_BOUNDS_FEN
    return int(min(max(chance.lognormvariate(center, _ORDINARY_SIGMA), low_fen), high_fen))


def _other_revenue(chance: Random, tier: Tier | None, story: Story, home_fen: int) -> int:
    """Draw the revenue of a mover's other half of the year: one tier up or down."""
    ladder: tuple[Tier | None, ...] = (*TIERS, None)
    place = ladder.index(tier)
    if story is Story.GROWING:
        return _revenue(chance, ladder[place - 1])
    if story is Story.DECLINING:
        return _revenue(chance, ladder[place + 1])
    return home_fen


def _plan(chance: Random, tier: Tier | None, home_fen: int) -> Plan:
    """Big customers are GoTone's; so are some ordinary ones who can carry its fee."""
    if tier is not None or (home_fen > 3 * GOTONE.fee_fen // 2 and chance.random() < _TAKES_THE_PLAN):
        return GOTONE
    return MZONE if home_fen > 3 * MZONE.fee_fen // 2 and chance.random() < _TAKES_THE_PLAN else EASYOWN


def _discount(chance: Random, share: float) -> int:
    return chance.choice(_DISCOUNTS_PERMILLE) if chance.random() < share else 0


def _tenure(chance: Random, *, leaver: bool) -> timedelta:
    """Draw how long a person has been there; who leaves has mostly come later."""
    return timedelta(days=int(chance.expovariate(1 / (700 if leaver else 1_100))) + 20)


def _measures(chance: Random, plan: Plan, *, leaver: bool) -> tuple[str, ...]:
    """Draw the stabilising measures held: few hold several, leavers fewer (DOMAIN.md section 4)."""
    shares = {"group_member": 0.15, "family_plan": 0.12, "deposit_gift": 0.1, "handset_contract": 0.08}
    zeal = _LEAVERS_MEASURES if leaver else 1.0
    held = tuple(name for name, share in shares.items() if chance.random() < share * zeal)
    return ("premium_brand", *held) if plan is GOTONE else held
