"""Months between days: how many full ones have passed, and when the next one is full. Days are ordinals."""

from calendar import monthrange
from datetime import date

LAST_DAY = date.max.toordinal()


def months_after(day: int, months: int) -> int:
    """Give the day so many months later: the same date, or the month's last day where it has none such."""
    start = date.fromordinal(day)
    number = start.year * 12 + start.month - 1 + months
    year, month = number // 12, number % 12 + 1
    if year > date.max.year:
        return LAST_DAY
    return date(year, month, min(start.day, monthrange(year, month)[1])).toordinal()


def full_months(since: int, day: int) -> int:
    """Count the full months from one day to another; 0 where the other comes first."""
    start, end = date.fromordinal(since), date.fromordinal(day)
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months - (months_after(since, max(0, months)) > day))
