"""When ticks stand, and what the clock knows after each: the months closed and frozen (CONTRACTS sections 2 and 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from tests.oracle.months import Calendar
from tests.oracle.policy import Policy, in_force


@dataclass(frozen=True, slots=True)
class Close:
    """All months up to `last` are closed, by this tick, under this policy."""

    last: int
    tick: datetime
    policy: Policy


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of time: the last tick, the version in force, the closes so far, and the last month frozen."""

    policies: tuple[Policy, ...]
    at: datetime | None = None
    closes: tuple[Close, ...] = ()
    frozen: int | None = None

    @property
    def calendar(self) -> Calendar:
        """The calendar; it never changes between versions."""
        return self.policies[0].calendar

    @property
    def policy(self) -> Policy:
        """The version in force."""
        return in_force(self.policies, self.at)

    @property
    def last_closed(self) -> int | None:
        """The last closed month."""
        return self.closes[-1].last if self.closes else None

    def open_months(self) -> list[int]:
        """List the months from the one after the last closed to the clock's."""
        if self.at is None or self.last_closed is None:
            return []
        return list(range(self.last_closed + 1, self.calendar.month_of(self.at) + 1))

    def policy_of(self, month: int) -> Policy:
        """Give the policy in force at the original close of a closed month."""
        return next(close.policy for close in self.closes if month <= close.last)

    def correctable(self, month: int) -> bool:
        """Say whether fewer than `correctable_months` later months have closed; once not, never again."""
        return self.frozen is None or month > self.frozen

    def ticked(self, at: datetime) -> Self:
        """Give the clock after one more tick: a month closes at the first tick at or after its end + grace."""
        policy = in_force(self.policies, at)
        last = last_closable(at, policy)
        is_close = self.last_closed is None or last > self.last_closed
        closes = (*self.closes, Close(last, at, policy)) if is_close else self.closes
        frozen = closes[-1].last - policy.correctable_months
        frozen = frozen if self.frozen is None else max(frozen, self.frozen)
        return replace(self, at=at, closes=closes, frozen=frozen)


def last_closable(tick: datetime, policy: Policy) -> int:
    """Give the latest month with end + grace at or before the tick."""
    month = policy.calendar.month_of(tick)
    while policy.calendar.end(month) + timedelta(hours=policy.grace_hours) > tick:
        month -= 1
    return month


def ticks_in(policies: Sequence[Policy], until: datetime, after: datetime, upto: datetime) -> list[datetime]:
    """List the ticks of a replay in (after, upto]: local midnights, closes and `until`; none is later than `until`."""
    calendar = policies[0].calendar
    upto = min(upto, until)
    closes = [at for at in _close_instants(policies, calendar, after, upto) if after < at <= upto]
    wanted = {*calendar.midnights(after, upto), *closes}
    return sorted(wanted | {until} if after < until <= upto else wanted)


def latest_tick(policies: Sequence[Policy], until: datetime, upto: datetime) -> datetime:
    """Give the last tick reached by an instant; midnights make sure that there is one within two days."""
    return ticks_in(policies, until, upto - timedelta(days=2), upto)[-1]


def _close_instants(policies: Sequence[Policy], calendar: Calendar, after: datetime, upto: datetime) -> list[datetime]:
    months = range(calendar.month_of(after) - 3, calendar.month_of(upto) + 1)
    ends = [calendar.end(month) for month in months]
    planned = [(end_at + timedelta(hours=policy.grace_hours), policy) for policy in policies for end_at in ends]
    return [at for at, policy in planned if in_force(policies, at) is policy]
