"""Revenue windows (CONTRACTS section 3).

Three consecutive billing months, missing ones count as nothing, and the divisor is always three.
"""

from stream_app.core.facts import WindowMonth
from stream_app.core.state import Month, Subscriber

NOTHING = Month()  # what a month without a record counts as; never changed


def arpu_fen(window_fen: int) -> int:
    """Divide a three-month sum by three, rounded half up to a fen: 100 -> 33, 101 -> 34, -1 -> 0."""
    return (2 * window_fen + 3) // 6


def settled(record: Month) -> int:
    """Put what windows read of a month, its revenue and whether it was billed, into one number."""
    return record.revenue_fen * 2 + (record.billed_fen is not None)


def revenue_fen(sub: Subscriber, month: int) -> int:
    """Give a month's revenue."""
    record = sub.months.get(month)
    return record.revenue_fen if record is not None else sub.past.get(month, 0) >> 1


def is_billed(sub: Subscriber, month: int) -> bool:
    """Tell whether there is a bill for a month."""
    record = sub.months.get(month)
    return record.billed_fen is not None if record is not None else bool(sub.past.get(month, 0) & 1)


def window_fen(sub: Subscriber, last: int) -> int:
    """Sum the three months that end with `last`."""
    months, sum_fen = sub.months, 0
    for month in (last - 2, last - 1, last):
        record = months.get(month)
        if record is not None:
            sum_fen += record.revenue_fen
        elif month in sub.past:
            sum_fen += sub.past[month] >> 1
    return sum_fen


def window_months(sub: Subscriber, first: int, last: int, closed: int) -> tuple[WindowMonth, ...]:
    """Lay out months first to last inclusive, as facts and answers show them."""
    return tuple(
        WindowMonth(month, revenue_fen(sub, month), is_billed(sub, month), month <= closed)
        for month in range(first, last + 1)
    )
