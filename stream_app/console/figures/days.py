"""The daily count and make-up of mid-to-high-end customers 中高端客户, kept as a series of days (DOMAIN section 4)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from stream_app.console.figures.grouping import totals
from stream_app.console.figures.standing import ASSESSED, BRANCH, CLASS, DYNAMIC, band_of, closed_by, standing, tier_at
from stream_app.console.figures.stored import Value, by_branch, count
from stream_app.console.store.read_tables import MonthRow
from stream_app.core.policy import PolicySet


def make_up(connection: Connection, policies: PolicySet, at: datetime) -> Value:
    """Count the customers on the network at an instant, and lay out those who are dynamic mid-to-high-end."""
    band = band_of(MonthRow.tenure_months, policies.in_force(at).measures).label("band")
    columns = (BRANCH, CLASS, DYNAMIC, ASSESSED, tier_at(at).label("tier"), band)
    everyone = standing(at, closed_by(policies, at), columns)
    return by_branch(connection.execute(totals(everyone)), nothing, _add)


def nothing() -> Value:
    """Give a make-up of nobody."""
    return {
        "heads": 0,
        "dynamic": 0,
        "assessed": 0,
        "pool": 0,  # 准中高端
        "classes": {},  # these three of the dynamic alone
        "tiers": {},
        "tenures": {},
    }


def _add(into: Value, row: Any) -> None:  # noqa: ANN401 - a row
    into["heads"] += row.heads
    into["assessed"] += row.heads if row.assessed else 0
    into["pool"] += row.heads if row.value_class == "quasi" else 0
    if row.dynamic:
        into["dynamic"] += row.heads
        count(into["classes"], row.value_class, row.heads)
        count(into["tiers"], row.tier, row.heads)
        count(into["tenures"], row.band, row.heads)
