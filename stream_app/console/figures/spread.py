"""How a month's revenue is spread over customers: exact sums, shares are made of them where they are shown."""

from collections import Counter, defaultdict

from sqlalchemy import Connection, func, select

from stream_app.console.figures.stored import ALL, BRANCHES, NO_BRANCH, Value
from stream_app.console.store.read_tables import MonthRow
from stream_app.core.desk.concentration import PERCENTS, Heads, concentration

TOP = (5, 100, 1000)  # customers; [002] tells of the top 1000
PERMYRIAD = 10_000


def spread(connection: Connection, month: str) -> Value:
    """Measure the concentration of a month's revenue over all who have a row for it."""
    columns = (MonthRow.branch_id, MonthRow.revenue_fen)
    query = select(*columns, func.count().label("heads")).where(MonthRow.billing_month == month).group_by(*columns)
    whole: Counter[int] = Counter()
    branches: dict[str, Counter[int]] = defaultdict(Counter)
    for branch_id, revenue_fen, heads in connection.execute(query):
        whole[revenue_fen] += heads
        branches[branch_id or NO_BRANCH][revenue_fen] += heads
    return {ALL: _told(whole), BRANCHES: {name: _told(heads) for name, heads in branches.items()}}


def _told(heads: Heads) -> Value:
    found = concentration(heads, PERCENTS, TOP)
    return {
        "heads": found.heads,
        "revenue_fen": found.revenue_fen,
        "below_0": sum(count for fen, count in heads.items() if fen < 0),  # counted as 0
        "percents": [[percent, *point] for percent, point in zip(PERCENTS, found.points, strict=True)],
        "top": [[number, *point] for number, point in zip(TOP, found.top, strict=True)],
        "gini_permyriad": None if found.gini is None else round(found.gini * PERMYRIAD),
    }
