"""What an indicator gives, and what it reads beside the subscriber."""

from collections.abc import Callable
from typing import NamedTuple

from stream_app.core.months import BillingCalendar
from stream_app.core.policy import Policy, PolicySet
from stream_app.core.risk_policy import RiskPolicy
from stream_app.core.state import NEVER, Subscriber, Tick

Evidence = dict[str, int | str]


class Reading(NamedTuple):
    """A whole number or a gap, what it rests on, and how the passing of days moves it."""

    value: int | None
    tell: Callable[[], Evidence]  # asked of a reading that weighs: most do not
    drift: int = 0  # a day: 1 up, -1 down
    until_day: int = NEVER  # from which day it may read otherwise although nothing happens
    counts_months: bool = False  # it goes up by one on `until_day` and then once a month

    @property
    def evidence(self) -> Evidence:
        """Give the figures, months and dates that it rests on."""
        return self.tell()


def nothing() -> Evidence:
    """Give no evidence: there is none for what is not there."""
    return {}


GAP = Reading(None, nothing)
ZERO = Reading(0, nothing)


class Judged(NamedTuple):
    """The month judged, and what of the three before it it should have brought by now: weight / base_weight."""

    month: int
    days: int  # of it that count
    weight: int
    base_weight: int


class Setting(NamedTuple):
    """What rules read beside the subscriber: the clock, the policy in force and the calendar; one for each tick."""

    tick: Tick
    policy: Policy
    policies: PolicySet
    risk: RiskPolicy  # the policy's part
    calendar: BillingCalendar
    judged: Judged
    scales: "tuple[Scale, ...]"


class Scale(NamedTuple):
    """An indicator as the policy weighs it, laid out for speed."""

    name: str
    rule: Callable[[Subscriber, Setting], Reading]
    bins: tuple[tuple[float, float, int], ...]  # from, to, points
    missing: int
    bounds: tuple[int, ...]
    is_paced: bool
