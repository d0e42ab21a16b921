"""The monthly count and make-up of mid-to-high-end customers, with their revenue, from the rows of a closed month."""

from typing import Any

from sqlalchemy import Connection, select

from stream_app.console.figures.days import nothing
from stream_app.console.figures.grouping import totals
from stream_app.console.figures.standing import band_of
from stream_app.console.figures.stored import Value, by_branch, count
from stream_app.console.store.read_tables import MonthRow
from stream_app.core.policy import MeasurePolicy


def make_up(connection: Connection, month: str, rules: MeasurePolicy) -> Value:
    """Count the customers on the network at a month's end, and add up what they brought in it."""
    columns = (
        MonthRow.branch_id,
        MonthRow.value_class,
        MonthRow.dynamic,
        MonthRow.assessed,
        MonthRow.on_network,
        MonthRow.official_tier,
        band_of(MonthRow.tenure_months, rules).label("band"),
        MonthRow.revenue_fen,
    )
    rows = select(*columns).where(MonthRow.billing_month == month)
    return by_branch(connection.execute(totals(rows, "revenue_fen")), _nothing, _add)


def _nothing() -> Value:
    return nothing() | {"revenue_fen": 0, "dynamic_fen": 0}


def _add(into: Value, row: Any) -> None:  # noqa: ANN401 - a row
    if not row.on_network:
        return
    fen = int(row.revenue_fen)
    into["heads"] += row.heads
    into["revenue_fen"] += fen
    into["assessed"] += row.heads if row.assessed else 0
    into["pool"] += row.heads if row.value_class == "quasi" else 0
    if row.dynamic:
        into["dynamic"] += row.heads
        into["dynamic_fen"] += fen
        count(into["classes"], row.value_class, row.heads)
        count(into["tiers"], row.official_tier, row.heads)
        count(into["tenures"], row.band, row.heads)
