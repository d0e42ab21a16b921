"""How customers stood at an instant: on the network or not, with which tier and value class.

Worked from what is known now: the row of the last month closed by then, the last change of tier, the last time they
came or left. So a past day can be counted as well as today, and the count is the same whenever it is made.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from stream_app.console.figures.grouping import Rows
from stream_app.console.store.read_tables import Customer, MonthRow, NetworkChange, TierChange
from stream_app.core.months import month_name
from stream_app.core.policy import MeasurePolicy, PolicySet, grace


def closed_by(policies: PolicySet, at: datetime) -> str:
    """Name the last month that was due to be closed at an instant."""
    month = policies.calendar.month_of(at) - 1
    while policies.calendar.start(month + 1) + grace(policies.in_force(at)) > at:
        month -= 1
    return month_name(month)


def first_instant(policies: PolicySet, on: date) -> datetime:
    """Give the first instant of a local day."""
    return policies.calendar.midnight(on)


def on_network_at(at: datetime) -> ColumnElement[bool]:
    """Tell whether a customer was on the network at an instant: by the last change before it (CONTRACTS section 2)."""
    before = (
        select(NetworkChange.on_network)
        .where(NetworkChange.subscriber_id == Customer.subscriber_id, NetworkChange.occurred_at < at)
        .order_by(NetworkChange.occurred_at.desc(), NetworkChange.on_network.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    known = or_(Customer.network_at.is_(None), Customer.network_at < at)
    return case((known, Customer.on_network), else_=func.coalesce(before, true()))


def tier_at(at: datetime) -> ColumnElement[str | None]:
    """Give the tier that a customer held just before an instant."""
    before = (
        select(TierChange.to_tier)
        .where(TierChange.subscriber_id == Customer.subscriber_id, TierChange.occurred_at < at)
        .order_by(TierChange.occurred_at.desc(), TierChange.fact_id.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    return case((or_(Customer.tier_at.is_(None), Customer.tier_at < at), Customer.tier), else_=before)


def band_of(tenure: InstrumentedAttribute[int | None], rules: MeasurePolicy) -> ColumnElement[str | None]:
    """Name the band of a tenure in SQL, as `core.desk.cohort.band` does; null where it is not known."""
    bands = [(tenure >= each.from_months, each.name) for each in reversed(rules.tenure_bands)]
    return case((tenure.is_(None), None), *bands, else_=rules.tenure_bands[0].name)


def standing(at: datetime, closed: str, columns: Sequence[Any]) -> Rows:
    """Select columns of the customers on the network at an instant, with the row of their last month closed by then.

    Columns may be those of `Customer` and `MonthRow`; a customer without a closed month has null in the latter.
    """
    month = case((Customer.closed_month > closed, closed), else_=Customer.closed_month)
    row = and_(MonthRow.subscriber_id == Customer.subscriber_id, MonthRow.billing_month == month)
    return select(*columns).select_from(Customer).outerjoin(MonthRow, row).where(on_network_at(at))


BRANCH = func.coalesce(MonthRow.branch_id, Customer.branch_id).label("branch_id")
CLASS = func.coalesce(MonthRow.value_class, "none").label("value_class")
DYNAMIC = and_(MonthRow.dynamic.is_not(None), MonthRow.dynamic).label("dynamic")
ASSESSED = and_(MonthRow.assessed.is_not(None), MonthRow.assessed).label("assessed")
