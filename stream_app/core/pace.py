"""Pace: what the month brought so far, against what the three months before make one expect at the same point.

Days weigh by weekday, weekend and holiday, so that neither a month's length nor where its weekends fall matters. Up to
the policy's day the month just ended is judged, as a whole: the first days of a month say little. Like is held against
like: charges accrued against charges accrued, whatever was billed.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from stream_app.core.months import BillingCalendar, month_name
from stream_app.core.reading import GAP, Judged, Reading, Setting
from stream_app.core.risk_policy import RiskPolicy
from stream_app.core.state import Month, Subscriber, Tick
from stream_app.core.usage import volumes

BASE_MONTHS = 3
SATURDAY = 5


def judged(tick: Tick, risk: RiskPolicy, calendar: BillingCalendar) -> Judged:
    """Find the month to judge and how much of it counts."""
    first = calendar.first_day(tick.opened)
    month, end = tick.opened, tick.day
    if tick.day - first + 1 < risk.pace_from_day:
        month, end = tick.opened - 1, first
    return _judged(calendar, month, end, risk.weekday_weight, risk.weekend_weight, risk.holidays)


@lru_cache(maxsize=64)
def _judged(
    calendar: BillingCalendar, month: int, end: int, weekday: int, weekend: int, holidays: tuple[int, ...]
) -> Judged:
    start, base_start = calendar.first_day(month), calendar.first_day(month - BASE_MONTHS)

    def weight(days: range) -> int:
        return sum(
            weekend if date.fromordinal(day).weekday() >= SATURDAY or day in holidays else weekday for day in days
        )

    return Judged(month, end - start, weight(range(start, end)), weight(range(base_start, start)))


def _accrued(record: Month) -> int:
    return record.accrued_fen


def _outgoing_seconds(record: Month) -> int:
    return volumes(record)[0]


def _volume_bytes(record: Month) -> int:
    return volumes(record)[1]


def _active_days(record: Month) -> int:
    return record.days.bit_count()


def spend(sub: Subscriber, setting: Setting) -> Reading:
    """Read the charges accrued, in percent of what is expected by now."""
    return _pace(sub, setting, _accrued, setting.risk.pace_floor_fen, "fen")


def minutes(sub: Subscriber, setting: Setting) -> Reading:
    """Read the outgoing minutes, in percent of what is expected by now."""
    return _pace(sub, setting, _outgoing_seconds, setting.risk.pace_floor_seconds, "seconds")


def data(sub: Subscriber, setting: Setting) -> Reading:
    """Read the data volume, in percent of what is expected by now."""
    return _pace(sub, setting, _volume_bytes, setting.risk.pace_floor_bytes, "bytes")


def active_days(sub: Subscriber, setting: Setting) -> Reading:
    """Read the days with any use, in percent of what is expected by now."""
    return _pace(sub, setting, _active_days, setting.risk.pace_floor_days, "days")


def frequency(sub: Subscriber, setting: Setting) -> Reading:
    """Read the share of the judged month's days with any use, in percent."""
    found = setting.judged
    if found.month < sub.first_month or found.days <= 0:
        return GAP
    record = sub.months.get(found.month)
    used = (record.days & ((1 << found.days) - 1)).bit_count() if record else 0
    return Reading(
        100 * used // found.days,
        lambda: {"billing_month": month_name(found.month), "days": used, "of_days": found.days},
    )


def _pace(sub: Subscriber, setting: Setting, measured: Callable[[Month], int], floor: int, unit: str) -> Reading:
    found = setting.judged
    base = base_of(sub, found.month, measured)
    if base is None or base < BASE_MONTHS * floor or found.weight <= 0:
        return GAP
    record = sub.months.get(found.month)
    so_far = measured(record) if record else 0
    return Reading(
        100 * so_far * found.base_weight // (base * found.weight),
        lambda: {
            "billing_month": month_name(found.month),
            "days": found.days,
            f"so_far_{unit}": so_far,
            f"expected_{unit}": base * found.weight // found.base_weight,
            f"baseline_{unit}": base // BASE_MONTHS,
        },
    )


def base_of(sub: Subscriber, month: int, measured: Callable[[Month], int]) -> int | None:
    """Sum the three months before one; None where they are not all known any more, or not all the customer's."""
    first = month - BASE_MONTHS
    if first < sub.first_month:
        return None
    total = 0
    for each in range(first, month):
        record = sub.months.get(each)
        if record is not None:
            total += measured(record)
        elif each in sub.past:
            return None
    return total
