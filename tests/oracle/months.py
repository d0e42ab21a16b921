"""Billing months of one zone and anchor day; a month is the number `12 * year + month - 1` of the month it starts in.

Every instant here is aware and in UTC: two instants of one zone compare by their wall clocks, which a change of summer
time makes wrong.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo


def named(name: str) -> int:
    """Give the month called `YYYY-MM`."""
    year, month = name.split("-")
    return 12 * int(year) + int(month) - 1


def name_of(month: int) -> str:
    """Give the `YYYY-MM` of a month."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


@cache
def _start(zone: ZoneInfo, anchor_day: int, month: int) -> datetime:
    return _midnight(zone, date(month // 12, month % 12 + 1, anchor_day))


def _midnight(zone: ZoneInfo, on: date) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The billing calendar (CONTRACTS section 2)."""

    zone: ZoneInfo
    anchor_day: int

    def midnight(self, on: date) -> datetime:
        """Give the instant a local day starts."""
        return _midnight(self.zone, on)

    def start(self, month: int) -> datetime:
        """Give the first instant of a month."""
        return _start(self.zone, self.anchor_day, month)

    def end(self, month: int) -> datetime:
        """Give the first instant no longer in a month."""
        return self.start(month + 1)

    def date_of(self, at: datetime) -> date:
        """Give the local date of an instant."""
        return at.astimezone(self.zone).date()

    def month_of(self, at: datetime) -> int:
        """Find the month whose [start, end) holds the instant."""
        local_on = self.date_of(at)
        month = 12 * local_on.year + local_on.month - 1
        while at < self.start(month):
            month -= 1
        return month

    def midnights(self, after: datetime, upto: datetime) -> list[datetime]:
        """List the local midnights in (after, upto]."""
        days = (self.date_of(upto) - self.date_of(after)).days
        first_on = self.date_of(after)
        starts = (self.midnight(first_on + timedelta(days=n)) for n in range(days + 1))
        return [at for at in starts if after < at <= upto]
