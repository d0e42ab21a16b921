"""Pace from first principles: the judged month against the three before it, day by day (DOMAIN section 5)."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from tests.oracle.reading import Event
from tests.oracle.rules import History, first_month
from tests.oracle.timeline import Clock

SATURDAY = 5
Measure = Callable[[History, int, Clock], int]


class Judged(NamedTuple):
    """The month judged and its days that count."""

    month: int
    days: list[date]


def judged(clock: Clock) -> Judged:
    """Find the month: early in one, the one before it, as a whole; else the open one up to yesterday."""
    assert clock.at is not None
    month, on = clock.calendar.month_of(clock.at), clock.calendar.date_of(clock.at)
    if (on - days_of(clock, month)[0]).days + 1 < clock.policy.risk["pace_from_day"]:
        return Judged(month - 1, days_of(clock, month - 1))
    return Judged(month, [day for day in days_of(clock, month) if day < on])


def days_of(clock: Clock, month: int) -> list[date]:
    """List the local days of a month."""
    return _days(clock.calendar.anchor_day, month)


@cache
def _days(anchor_day: int, month: int) -> list[date]:
    first, following = (date(each // 12, each % 12 + 1, anchor_day) for each in (month, month + 1))
    return [first + timedelta(days=n) for n in range((following - first).days)]


def weight(days: list[date], clock: Clock) -> int:
    """Weigh days: those of a weekend and holidays have their own weight."""
    risk = clock.policy.risk
    holidays = {date.fromisoformat(day) for day in risk["holidays"]}
    rest = [day for day in days if day.weekday() >= SATURDAY or day in holidays]
    return len(rest) * int(risk["weekend_weight"]) + (len(days) - len(rest)) * int(risk["weekday_weight"])


def percent(history: History, clock: Clock, measure: Measure, floor: int) -> int | None:
    """Give what a month brought, in percent of what is to be expected of its days so far."""
    month, days = judged(clock)
    before = range(month - 3, month)
    base = sum(measure(history, each, clock) for each in before)
    base_weight = weight([day for each in before for day in days_of(clock, each)], clock)
    expected_weighed = base * weight(days, clock)
    if month - 3 < first_month(history, clock) or base < 3 * floor or not days:
        return None
    return 100 * measure(history, month, clock) * base_weight // expected_weighed


def spend(history: History, clock: Clock) -> int | None:
    """Read the charges accrued, whatever was billed."""
    return percent(history, clock, _accrued_fen, clock.policy.risk["pace_floor_fen"])


def minutes(history: History, clock: Clock) -> int | None:
    """Read the outgoing calls."""
    return percent(history, clock, _called_seconds, clock.policy.risk["pace_floor_seconds"])


def data(history: History, clock: Clock) -> int | None:
    """Read the data volume."""
    return percent(history, clock, _volume_bytes, clock.policy.risk["pace_floor_bytes"])


def active_days(history: History, clock: Clock) -> int | None:
    """Read the days of use."""
    return percent(history, clock, _days_used, clock.policy.risk["pace_floor_days"])


def frequency(history: History, clock: Clock) -> int | None:
    """Give the share of the judged days with use, in percent."""
    month, days = judged(clock)
    if month < first_month(history, clock) or not days:
        return None
    return 100 * len({on for on, _ in used_on(history, clock) if on in days}) // len(days)


def used_on(history: History, clock: Clock) -> list[tuple[date, Event]]:
    """List all use with its local date."""
    return [(clock.calendar.date_of(use.occurred_at), use) for use in history.of_type("usage.recorded")]


def _own(history: History, month: int, *types: str) -> list[Event]:
    return [event for event in history.months.get(month, ()) if event.type in types]


def _accrued_fen(history: History, month: int, _clock: Clock) -> int:
    charged = sum(event.fields["charge_fen"] for event in _own(history, month, "usage.recorded"))
    return int(charged + sum(event.fields["amount_fen"] for event in _own(history, month, "fee.charged")))


def _called_seconds(history: History, month: int, _clock: Clock) -> int:
    calls = (use.fields for use in _own(history, month, "usage.recorded") if use.fields["service"] == "voice")
    return sum(call["duration_seconds"] for call in calls if call.get("direction", "outgoing") == "outgoing")


def _volume_bytes(history: History, month: int, _clock: Clock) -> int:
    uses = (use.fields for use in _own(history, month, "usage.recorded"))
    return sum(use["volume_bytes"] for use in uses if use["service"] == "data")


def _days_used(history: History, month: int, clock: Clock) -> int:
    return len({clock.calendar.date_of(use.occurred_at) for use in _own(history, month, "usage.recorded")})
