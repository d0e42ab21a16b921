"""Why people leave, and what shows before they do: one course for each reason.

Rule: figures, and who draws which. They are made up to be plausible (no source
prints any), so they prove that warnings work, not how well at an operator's.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import accumulate
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias

from stream_app.sim.chance import pick, seeded

SignKind: TypeAlias = Literal[
    "complaint",
    "escalated_complaint",
    "hotline_call",
    "call_forwarding",
    "competitor_other",
    "portout_request",
    "smaller_plan",
    "contact_refused",
    "contact_accepted",
    "contact_not_reached",
]


class Archetype(StrEnum):
    """Why somebody leaves."""

    PRICE = "price"
    SERVICE = "service"
    COMPETITOR = "competitor"
    MOVING = "moving"
    DORMANT = "dormant"


class Sign(NamedTuple):
    """What may show before leaving: with which probability, how many days before (first and last)."""

    kind: SignKind
    share: float
    days_before: tuple[int, int]


class Course(NamedTuple):
    """What precedes leaving.

    `fades`: from so many days before on, this share of the ordinary use is
    left; the nearest first. `owes` and `renews`: how likely bills stay unpaid,
    and a contract that ends is signed again.
    """

    fades: tuple[tuple[int, float], ...]
    signs: tuple[Sign, ...]
    owes: float
    renews: float
    topic: str  # of the complaints
    reason: str  # told when leaving


COURSES: Final[Mapping[Archetype, Course]] = MappingProxyType(
    {
        # Spends less and less, asks for a smaller plan, compares offers.
        Archetype.PRICE: Course(
            fades=((14, 0.4), (40, 0.55), (70, 0.7), (100, 0.85)),
            signs=(
                Sign("smaller_plan", 0.4, (40, 90)),
                Sign("complaint", 0.35, (20, 80)),
                Sign("hotline_call", 0.5, (8, 45)),
                Sign("contact_refused", 0.35, (5, 30)),
                Sign("portout_request", 0.5, (2, 10)),
            ),
            owes=0.15,
            renews=0.1,
            topic="tariff",
            reason="price",
        ),
        # Uses the network as ever, and is angry; the use breaks off late.
        Archetype.SERVICE: Course(
            fades=((10, 0.5), (30, 0.8)),
            signs=(
                Sign("complaint", 0.7, (35, 80)),
                Sign("escalated_complaint", 0.7, (8, 40)),
                Sign("hotline_call", 0.3, (5, 25)),
                Sign("contact_accepted", 0.2, (10, 30)),
                Sign("portout_request", 0.5, (2, 10)),
            ),
            owes=0.05,
            renews=0.4,
            topic="network",
            reason="network",
        ),
        # Has a second handset at a competitor already, and moves over in weeks.
        Archetype.COMPETITOR: Course(
            fades=((7, 0.2), (25, 0.45), (45, 0.7)),
            signs=(
                Sign("hotline_call", 0.7, (25, 60)),
                Sign("hotline_call", 0.4, (10, 24)),
                Sign("call_forwarding", 0.6, (5, 30)),
                Sign("contact_refused", 0.3, (5, 30)),
                Sign("portout_request", 0.8, (2, 12)),
            ),
            owes=0.05,
            renews=0.1,
            topic="support",
            reason="competitor",
        ),
        # Leaves the city: little warning, nothing that could be done.
        Archetype.MOVING: Course(
            fades=((3, 0.1), (12, 0.5)),
            signs=(Sign("call_forwarding", 0.3, (2, 8)), Sign("contact_not_reached", 0.1, (2, 10))),
            owes=0.02,
            renews=0.3,
            topic="counter",
            reason="moved",
        ),
        # Forgets the card in a drawer: falls silent, pays no more.
        Archetype.DORMANT: Course(
            fades=((20, 0.0), (45, 0.15), (70, 0.4), (100, 0.7)),
            signs=(Sign("contact_not_reached", 0.4, (5, 40)),),
            owes=0.5,
            renews=0.2,
            topic="tariff",
            reason="unknown",
        ),
    }
)

# How often each reason is the reason.
SHARES: Final[Mapping[Archetype, float]] = MappingProxyType(
    {
        Archetype.PRICE: 0.30,
        Archetype.COMPETITOR: 0.25,
        Archetype.SERVICE: 0.20,
        Archetype.DORMANT: 0.15,
        Archetype.MOVING: 0.10,
    }
)

SUDDEN_SHARE: Final = 0.12  # of the leavers, whatever the reason: nothing shows
_INTENT_SALT: Final = 5


class Intent(NamedTuple):
    """Why a person wants to leave, and what is so about it.

    `stays`: a measure comes in time and works. `sudden`: hardly anything shows.
    `renews`: a contract that ends before is signed again. `owes`: bills stay unpaid.
    """

    archetype: Archetype
    stays: bool
    sudden: bool
    renews: bool
    owes: bool


def intent(seed: int, index: int, stay_share: float) -> Intent:
    """Draw why the index-th person leaves."""
    chance = seeded(seed, index, _INTENT_SALT)
    archetype = Archetype(pick(list(zip(accumulate(SHARES.values()), SHARES, strict=True)), chance.random()))
    course = COURSES[archetype]
    return Intent(
        archetype=archetype,
        # Who moves to another city is not kept by any offer.
        stays=chance.random() < stay_share and archetype is not Archetype.MOVING,
        sudden=chance.random() < SUDDEN_SHARE,
        renews=chance.random() < course.renews,
        owes=chance.random() < course.owes,
    )
