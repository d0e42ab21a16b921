"""The service mix 业务结构 by tier and by industry, revenue by industry and its top five (DOMAIN sections 7 and 8)."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, func, select, true
from sqlalchemy.orm import InstrumentedAttribute

from stream_app.console.figures.elements import Objects
from stream_app.console.figures.grouping import totals
from stream_app.console.figures.stored import ALL, BRANCHES, NO_BRANCH, Value, by_branch, count
from stream_app.console.store.read_tables import Customer, MonthRow
from stream_app.core.events import SCOPES

SERVICES = (*SCOPES, "sms", "mms", "data", "value_added")  # calls by their scope, as [004] lays the mix out
TOP = 5


def mix(connection: Connection, month: str) -> Value:
    """Add up a month's usage charges by service, for each official tier and each industry."""
    lines = Objects(connection, MonthRow.usage)
    columns: list[Any] = [
        MonthRow.branch_id,
        MonthRow.official_tier,
        Customer.industry,
        lines.text("service").label("service"),
        lines.text("scope").label("scope"),
        lines.number("charge_fen").label("fen"),
    ]
    rows = (
        select(*columns)
        .select_from(MonthRow)
        .join(lines.rows, true())
        .outerjoin(Customer, Customer.subscriber_id == MonthRow.subscriber_id)
        .where(MonthRow.billing_month == month)
    )
    return by_branch(connection.execute(totals(rows, "fen")), lambda: {"tiers": {}, "industries": {}}, _add_charges)


def industries(connection: Connection, month: str) -> Value:
    """Add up a month's revenue by industry; `top_fen` is of the five who bring most, a group being one customer."""
    query = (
        select(MonthRow.branch_id, Customer.industry, func.count().label("heads"), _revenue())
        .join(Customer, Customer.subscriber_id == MonthRow.subscriber_id)
        .where(MonthRow.billing_month == month)
        .group_by(MonthRow.branch_id, Customer.industry)
    )
    found = by_branch(connection.execute(query), dict, _add_industry)
    for industry, fen in _top(connection, month, []):
        found[ALL][industry or ""]["top_fen"] = int(fen)
    for branch, industry, fen in _top(connection, month, [MonthRow.branch_id]):
        found[BRANCHES][branch or NO_BRANCH][industry or ""]["top_fen"] = int(fen)
    return found


def _revenue() -> Label[int]:
    return func.sum(MonthRow.revenue_fen).label("revenue_fen")


def _top(connection: Connection, month: str, within: list[InstrumentedAttribute[Any]]) -> list[Any]:
    """Add up what the top five of each industry bring, within each branch or in all."""
    who: ColumnElement[str] = func.coalesce(Customer.group_id, Customer.subscriber_id)
    place = [*within, Customer.industry]
    each = (
        select(*place, _revenue())
        .join(Customer, Customer.subscriber_id == MonthRow.subscriber_id)
        .where(MonthRow.billing_month == month)
        .group_by(*place, who)
        .subquery()
    )
    rank = func.row_number().over(partition_by=list(each.c)[:-1], order_by=each.c.revenue_fen.desc()).label("rank")
    ranked = select(*each.c, rank).subquery()
    columns = list(ranked.c)[:-2]
    query = select(*columns, func.sum(ranked.c.revenue_fen)).where(ranked.c.rank <= TOP).group_by(*columns)
    return list(connection.execute(query))


def _add_charges(into: Value, row: Any) -> None:  # noqa: ANN401 - a row
    service = row.scope if row.service == "voice" else row.service
    for kind, name in (("tiers", row.official_tier or ""), ("industries", row.industry or "")):
        count(into[kind].setdefault(name, {}), service, int(row.fen))


def _add_industry(into: Value, row: Any) -> None:  # noqa: ANN401 - a row
    found = into.setdefault(row.industry or "", {"heads": 0, "revenue_fen": 0, "top_fen": 0})
    found["heads"] += row.heads
    found["revenue_fen"] += int(row.revenue_fen)
