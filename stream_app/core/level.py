"""The level that a score of risk leads to: up at once, down with hysteresis, minimum dwell and cool-down (DOMAIN 5).

Rule: a level follows from how it stood at the last tick and from the customer as known now, never from what was weighed
in between. So the order in which the events between two ticks meet does not matter.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from stream_app.core.events import (
    BillAdjusted,
    BillIssued,
    ContractSigned,
    Event,
    FeeCharged,
    MeasureEnrolled,
    PaymentReceived,
    SubscriberActivated,
    UsageRecorded,
)
from stream_app.core.risk_policy import RiskPolicy
from stream_app.core.state import Ground, Risk

HeldBy = Literal["dwell", "hysteresis"]
OWING = frozenset({"arrears_months", "arrears_fen", "balance_fen"})
ANYTHING: frozenset[str] = frozenset()
RELIEF: Mapping[type[Event], frozenset[str]] = {  # what comes -> the leading reasons that it takes away
    PaymentReceived: OWING,
    BillAdjusted: OWING,
    ContractSigned: frozenset({"contract_days_left"}),
    MeasureEnrolled: ANYTHING,
    SubscriberActivated: ANYTHING,
}
# What is no alarm and comes to nearly everyone: while nothing is told it is weighed with the next day's tick.
CAN_WAIT: frozenset[type[Event]] = frozenset({BillIssued, PaymentReceived, MeasureEnrolled})
NO_ALARM: frozenset[type[Event]] = frozenset({UsageRecorded, FeeCharged})
NOTHING_TOLD = Risk()


def ground_of(told: Risk) -> Ground:
    """Give what a level stands on: how it was at the last tick."""
    return told.ground or Ground(told.level, told.since_day, told.leading, told.cleared_day)


def relieve(ground: Ground, event: Event) -> None:
    """Note that an event takes the leading reason away: the level need not wait to fall then."""
    taken = RELIEF.get(type(event))
    ground.relieved |= taken is not None and (taken is ANYTHING or ground.leading in taken)


class Weight(NamedTuple):
    """What a weighing found."""

    score: int
    urgent: int  # the score without the points of paced reasons
    leading: str  # the heaviest reason
    by_tick: bool  # what an event brings is weighed at once, what the days bring at ticks: else it would come and go


def standing(ground: Ground, weight: Weight, risk: RiskPolicy, day: int) -> Risk:
    """Find how the level stands."""
    level, leading = _level(ground, weight, risk, day), weight.leading
    kept = leading if level else ""
    if level == ground.level:
        return Risk(level, ground.since_day, kept, ground.cleared_day if cools_down(ground, risk, day) else 0)
    return Risk(level, day if level else 0, kept, 0 if level else day)


def next_look_day(told: Risk, score: int, risk: RiskPolicy, day: int) -> int | None:
    """Give the day on which dwell or cool-down ends, where that may move the level; None where it cannot."""
    if told.level:
        falls = risk.level(score + risk.hysteresis_points) < told.level
        return _dwelt_day(told, risk) if falls else None
    return told.cleared_day + risk.cool_down_days if cools_down(told, risk, day) else None


def held_by(told: Risk, score: int, risk: RiskPolicy, day: int) -> HeldBy | None:
    """Say what keeps a level that the score alone would not give any more; None where nothing does."""
    if risk.level(score) >= told.level:
        return None
    return "dwell" if day < _dwelt_day(told, risk) else "hysteresis"


def cools_down(stood: Risk | Ground, risk: RiskPolicy, day: int) -> bool:
    """Tell whether paced reasons alone raise nothing yet."""
    return bool(stood.cleared_day) and day < stood.cleared_day + risk.cool_down_days


def _dwelt_day(stood: Risk | Ground, risk: RiskPolicy) -> int:
    return stood.since_day + risk.min_dwell_days


def _level(ground: Ground, weight: Weight, risk: RiskPolicy, day: int) -> int:
    reached = risk.level(weight.score)
    if reached > ground.level:
        counts_all = weight.by_tick and (ground.level or not cools_down(ground, risk, day))
        return reached if counts_all else max(ground.level, risk.level(weight.urgent))
    if ground.relieved:
        return reached
    if day < _dwelt_day(ground, risk):
        return ground.level
    return min(ground.level, risk.level(weight.score + risk.hysteresis_points))
