"""Retention of the snapshot cohorts: still on the network, and still above the bound, of all who were frozen.

`[heads, on_network, above]` in each place: `above` is of those on the network whose month's revenue is above the bound
of the mid-to-high end (value retention). The base is frozen: branch, tenure, tier, class and measures are as on the
day; `held` counts the stabilising measures, two or more are cross-stabilised.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, true
from sqlalchemy.orm import aliased

from stream_app.console.figures.elements import texts
from stream_app.console.figures.grouping import Rows, totals
from stream_app.console.figures.standing import band_of
from stream_app.console.figures.stored import Value, by_branch
from stream_app.console.store.read_tables import Customer, MonthRow
from stream_app.console.store.work_tables import CohortMember
from stream_app.core.policy import MeasurePolicy, Policy

Find = Callable[..., Rows]
Row = aliased(MonthRow)


def at_month_end(connection: Connection, cohort: str, month: str, policy: Policy) -> Value:
    """Tell how a cohort stood at the end of a closed month."""

    def find(*columns: Any) -> Rows:  # noqa: ANN401 - columns
        on = func.coalesce(Row.on_network, False)
        pair = and_(Row.subscriber_id == CohortMember.subscriber_id, Row.billing_month == month)
        return (
            select(*columns, _one(on), _one(and_(on, Row.revenue_fen > policy.value_classes.dynamic_over_fen), "above"))
            .select_from(CohortMember)
            .outerjoin(Row, pair)
            .where(CohortMember.cohort == cohort)
        )

    return _told(connection, find, policy)


def now(connection: Connection, cohort: str, policy: Policy) -> Value:
    """Tell how a cohort stands now: on the network, and above the bound in each member's last closed month."""

    def find(*columns: Any) -> Rows:  # noqa: ANN401 - columns
        on = func.coalesce(Customer.on_network, False)
        pair = and_(Row.subscriber_id == Customer.subscriber_id, Row.billing_month == Customer.closed_month)
        return (
            select(*columns, _one(on), _one(and_(on, Row.revenue_fen > policy.value_classes.dynamic_over_fen), "above"))
            .select_from(CohortMember)
            .outerjoin(Customer, Customer.subscriber_id == CohortMember.subscriber_id)
            .outerjoin(Row, pair)
            .where(CohortMember.cohort == cohort)
        )

    return _told(connection, find, policy)


def _one(holds: ColumnElement[bool], name: str = "on_network") -> ColumnElement[int]:
    return case((holds, 1), else_=0).label(name)


def _told(connection: Connection, find: Find, policy: Policy) -> Value:
    band = band_of(CohortMember.tenure_months, policy.measures).label("band")
    held = _stabilising(connection, policy.measures).label("held")
    columns = (CohortMember.branch_id, CohortMember.tier, CohortMember.value_class, band, held)
    whole = connection.execute(totals(find(*columns), "on_network", "above")).all()
    value = by_branch(whole, _nothing, _add)
    each = texts(connection, CohortMember.measures)
    measured = find(CohortMember.branch_id, each.c.value.label("measure")).join(each, true())
    _add_measures(value, connection.execute(totals(measured, "on_network", "above")).all())
    return value


def _stabilising(connection: Connection, rules: MeasurePolicy) -> ColumnElement[int]:
    each = texts(connection, CohortMember.measures)
    found = select(func.count()).select_from(each).where(each.c.value.in_(rules.stabilising))
    return found.correlate(CohortMember).scalar_subquery()


def _nothing() -> Value:
    return {"all": [0, 0, 0], "tiers": {}, "classes": {}, "tenures": {}, "held": {}, "measures": {}}


def _add(into: Value, row: Any) -> None:  # noqa: ANN401 - a row
    _sum(into["all"], row)
    for kind, key in (("tiers", row.tier), ("classes", row.value_class), ("tenures", row.band), ("held", row.held)):
        _sum(into[kind].setdefault("" if key is None else str(key), [0, 0, 0]), row)


def _add_measures(value: Value, rows: Sequence[Any]) -> None:
    for row in rows:
        for into in (value["all"], value["branches"][row.branch_id or ""]):
            _sum(into["measures"].setdefault(row.measure, [0, 0, 0]), row)


def _sum(into: list[int], row: Any) -> None:  # noqa: ANN401 - a row
    for place, figure in enumerate((row.heads, row.on_network, row.above)):
        into[place] += int(figure)
