"""The tier migration matrix: from the official tier of a month to that of the next, heads and revenue."""

from typing import Any

from sqlalchemy import Connection, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from stream_app.console.figures.grouping import Rows, totals
from stream_app.console.figures.stored import Value, by_branch
from stream_app.console.store.read_tables import MonthRow
from stream_app.core.months import month_name, month_number

NONE, NEW, LEFT = "none", "new", "left"  # no tier; not on the network at the end of the month before; of this one
Before, Now = aliased(MonthRow), aliased(MonthRow)
REVENUES = (Before.revenue_fen.label("before_fen"), Now.revenue_fen.label("now_fen"))


def month_before(month: str) -> str:
    """Name the month before."""
    return month_name(month_number(month) - 1)


def migration(connection: Connection, month: str) -> Value:
    """Count who moved from where to where; revenue is that of the month before and of this one."""
    selected = [totals(rows, "before_fen", "now_fen") for rows in (_stayed(month), _gone(month))]
    rows = [row for each in selected for row in connection.execute(each)]
    return by_branch(rows, lambda: {"cells": {}}, _add)


def _stayed(month: str) -> Rows:
    """Select who was on the network at the month's end: by tier before, or new, and tier now."""
    was = func.coalesce(Before.on_network, false())
    tiers = (was.label("was"), Before.official_tier.label("from"), Now.official_tier.label("to"))
    pair = and_(Before.subscriber_id == Now.subscriber_id, Before.billing_month == month_before(month))
    return (
        select(Now.branch_id, *tiers, *REVENUES)
        .select_from(Now)
        .outerjoin(Before, pair)
        .where(Now.billing_month == month, Now.on_network)
    )


def _gone(month: str) -> Rows:
    """Select who was on the network at the end of the month before, and no more at this one's."""
    pair = and_(Now.subscriber_id == Before.subscriber_id, Now.billing_month == month)
    return (
        select(Before.branch_id, Before.on_network.label("was"), Before.official_tier.label("from"), *REVENUES)
        .select_from(Before)
        .outerjoin(Now, pair)
        .where(Before.billing_month == month_before(month), Before.on_network)
        .where(or_(Now.subscriber_id.is_(None), Now.on_network.is_(False)))
    )


def _add(into: Value, row: Any) -> None:  # noqa: ANN401 - a row
    found = row._mapping  # noqa: SLF001 - the public way to a column named `from`
    there = (found["from"] or NONE) if row.was else NEW
    here = (found["to"] or NONE) if "to" in found else LEFT
    cell = into["cells"].setdefault(there, {}).setdefault(here, [0, 0, 0])
    for place, figure in enumerate((row.heads, row.before_fen, row.now_fen)):
        cell[place] += int(figure)
