"""Revenue windows (CONTRACTS section 3).

Three consecutive billing months, missing ones count as nothing, and the divisor is always three.
"""

from stream_app.core.facts import WindowMonth
from stream_app.core.state import Month, Subscriber

NOTHING = Month()  # what a month without a record counts as; never changed


def arpu_fen(window_fen: int) -> int:
    """Divide a three-month sum by three, rounded half up to a fen: 100 -> 33, 101 -> 34, -1 -> 0."""
    return (2 * window_fen + 3) // 6


def revenue_fen(sub: Subscriber, month: int) -> int:
    """Give a month's revenue."""
    return sub.months.get(month, NOTHING).revenue_fen


def window_fen(sub: Subscriber, last: int) -> int:
    """Sum the three months that end with `last`."""
    months, sum_fen = sub.months, 0
    for month in (last - 2, last - 1, last):
        record = months.get(month)
        if record is not None:
            sum_fen += record.revenue_fen
    return sum_fen


def window_months(sub: Subscriber, first: int, last: int, closed: int) -> tuple[WindowMonth, ...]:
    """Lay out months first to last inclusive, as facts and answers show them."""
    return tuple(
        WindowMonth(month, record.revenue_fen, record.billed_fen is not None, month <= closed)
        for month in range(first, last + 1)
        for record in [sub.months.get(month, NOTHING)]
    )
