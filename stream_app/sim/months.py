"""Calendar months as plain numbers, and local days as spans of real time.

Rule: a month is year * 12 + month - 1, so that the next one is one more.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_WHOLE_DAY: Final = timedelta(days=1)


def month_of(on: date) -> int:
    """Number the month of a date."""
    return on.year * 12 + on.month - 1


def first_day(month: int) -> date:
    """Give the first day of a month."""
    return date(month // 12, month % 12 + 1, 1)


def days_in(month: int) -> int:
    """Count the days of a month."""
    return monthrange(month // 12, month % 12 + 1)[1]


def month_name(month: int) -> str:
    """Write a month as CONTRACTS.md wants it, YYYY-MM."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


class Day(NamedTuple):
    """A local day: its date, its name in ids (YYYYMMDD), the instant it starts, how far it is stretched.

    Seconds of a day run to 86,400 on any day: one that lasts 23 or 25 hours is
    stretched, so that its events stay within it.
    """

    on: date
    name: str
    starts_at: datetime
    stretch: float

    @property
    def month(self) -> int:
        """Number the month of this day."""
        return month_of(self.on)

    def at(self, second: float) -> datetime:
        """Give the instant of a second of the day, with the offset in force at the day's start."""
        return self.starts_at + timedelta(seconds=second * self.stretch)

    def second_of(self, instant: datetime) -> float:
        """Give the second of the day of an instant; negative before it."""
        return (instant - self.starts_at).total_seconds() / self.stretch


def midnight_at(on: date, zone: ZoneInfo) -> datetime:
    """Give the instant a local day starts, with a fixed offset."""
    local = datetime.combine(on, time(), zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))


def days_from(start_at: datetime, zone: ZoneInfo) -> Iterator[Day]:
    """Yield local days for ever, from the one that holds an instant."""
    on = start_at.astimezone(zone).date()
    starts_at = midnight_at(on, zone)
    while True:
        next_on = on + timedelta(days=1)
        ends_at = midnight_at(next_on, zone)
        yield Day(on, f"{on:%Y%m%d}", starts_at, (ends_at - starts_at) / _WHOLE_DAY)
        on, starts_at = next_on, ends_at


def aware_utc(instant: datetime) -> datetime:
    """Turn an aware instant to UTC; a naive one is refused (ValueError)."""
    if instant.tzinfo is None:
        message = "an instant needs a UTC offset"
        raise ValueError(message)
    return instant.astimezone(UTC)
