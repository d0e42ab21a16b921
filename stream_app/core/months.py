"""Billing months 账期: which month an instant belongs to, in the operator's zone, from the anchor day on.

A month is one integer, ``year * 12 + month - 1``, so that windows are plain arithmetic; it is named after the day it
starts in.
"""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

# The months of these years are laid out beforehand; others are worked out on demand.
FIRST_KNOWN_YEAR, LAST_KNOWN_YEAR = 2000, 2100
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Place = tuple[int, int]
"""A month, and the bit of a local day in it: bit 0 is the first day's."""
ONE_DAY = timedelta(days=1)
NAME = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def month_name(month: int) -> str:
    """Write a month as ``YYYY-MM``."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def month_number(name: str) -> int:
    """Read ``YYYY-MM``; raises ValueError for anything else."""
    found = NAME.fullmatch(name)
    if found is None:
        message = f"{name!r} is not a month: write YYYY-MM, such as 2025-03"
        raise ValueError(message)
    return int(found[1]) * 12 + int(found[2]) - 1


class BillingCalendar:
    """Months, their bounds and local dates in one zone with one anchor day (CONTRACTS section 2)."""

    def __init__(self, zone: str, anchor_day: int) -> None:
        self.zone = ZoneInfo(zone)
        self.anchor_day = anchor_day
        self._first = FIRST_KNOWN_YEAR * 12
        self._starts = [self._start(month) for month in range(self._first, LAST_KNOWN_YEAR * 12)]
        self._memo = (self._starts[0], self._starts[1], self._first)
        self._days: dict[int, tuple[list[datetime], list[Place], bool]] = {}  # of the months asked for
        # The month last asked for, if each of its days has 24 hours: as nearly all of them.
        self._even: tuple[datetime, datetime, list[Place]] = (EARLIEST, EARLIEST, [])

    def place_of(self, at: datetime) -> Place:
        """Find the billing month of an instant, and the bit of its local day in it: bit 0 is the first day's."""
        start, end, places = self._even
        if start <= at < end:
            return places[(at - start).days]
        month = self.month_of(at)
        starts, places, is_even = self._days.get(month) or self._lay_out_days(month)
        if is_even:
            self._even = starts[0], self.start(month + 1), places
        return places[max(0, bisect_right(starts, at) - 1)]

    def first_day(self, month: int) -> int:
        """Give the ordinal of a month's first local day; before the year 1 and after 9999 there is none to tell."""
        year = min(max(month // 12, 1), 9999)
        return date(year, month % 12 + 1, self.anchor_day).toordinal()

    def month_of(self, at: datetime) -> int:
        """Find the billing month of an instant."""
        start, end, month = self._memo  # events come nearly in order: the month is most often the last one asked for
        if start <= at < end:
            return month
        place = bisect_right(self._starts, at)
        if 0 < place < len(self._starts):
            self._memo = (self._starts[place - 1], self._starts[place], self._first + place - 1)
            return self._first + place - 1
        return self._month_of_date(self.local_date(at))

    def start(self, month: int) -> datetime:
        """Give the first instant of a month; it is also the end of the month before."""
        place = month - self._first
        return self._starts[place] if 0 <= place < len(self._starts) else self._start(month)

    def local_date(self, at: datetime) -> date:
        """Give the date on the operator's wall at an instant."""
        try:
            return at.astimezone(self.zone).date()
        except OverflowError:  # within a day of the year 1 or 9999: the zone no longer matters
            return at.date()

    def day_of(self, at: datetime) -> int:
        """Give the local date as a proleptic ordinal, as states keep it."""
        return self.local_date(at).toordinal()

    def midnight(self, on: date) -> datetime:
        """Give the first instant of a local date."""
        return datetime(on.year, on.month, on.day, tzinfo=self.zone).astimezone(UTC)

    def _lay_out_days(self, month: int) -> tuple[list[datetime], list[Place], bool]:
        first = self.first_day(month)
        days = range(first + 1, min(self.first_day(month + 1), date.max.toordinal()))
        starts = [self.start(month), *(self.midnight(date.fromordinal(day)) for day in days)]
        is_even = all(end - start == ONE_DAY for start, end in pairwise([*starts, self.start(month + 1)]))
        self._days[month] = starts, [(month, 1 << day) for day in range(len(starts))], is_even
        return self._days[month]

    def _month_of_date(self, on: date) -> int:
        return on.year * 12 + on.month - 1 - (on.day < self.anchor_day)

    def _start(self, month: int) -> datetime:
        try:
            return self.midnight(date(month // 12, month % 12 + 1, self.anchor_day))
        except (ValueError, OverflowError):  # outside the years 1 to 9999, where no instant is
            return EARLIEST if month < self._first else LATEST


@lru_cache(maxsize=16)
def calendar_for(zone: str, anchor_day: int) -> BillingCalendar:
    """Share one calendar per zone and anchor day: its layout costs some milliseconds."""
    return BillingCalendar(zone, anchor_day)
