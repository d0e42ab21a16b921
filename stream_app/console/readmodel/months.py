"""Closed months as rows: the highest revision counts, with the tenure and the measures held at the month's end.

These two follow from other topics than the rest: when more of a customer's past comes to be known, the months that
stand already are brought in line.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, update

from stream_app.console.desk import Desk
from stream_app.console.readmodel import loading
from stream_app.console.readmodel.customers import CustomerRow
from stream_app.console.readmodel.fact_rows import month_row
from stream_app.console.readmodel.loading import MonthKey
from stream_app.console.readmodel.past import MonthEnd, Past, Row, measures_held, month_end, tenure_months
from stream_app.console.readmodel.said import MonthSaid
from stream_app.console.store.database import upsert
from stream_app.console.store.read_tables import MonthRow

_RESTATED = (
    update(MonthRow.__table__)  # type: ignore[arg-type]
    .where(MonthRow.subscriber_id == bindparam("of"), MonthRow.billing_month == bindparam("month"))
    .values(tenure_months=bindparam("tenure"), measures=bindparam("count"))
)


class Months:
    """The closed months of a batch, and those of the customers whose past came to be known in it."""

    def __init__(self, connection: Connection, desk: Desk, customers: Mapping[str, CustomerRow]) -> None:
        self._connection, self._desk, self._customers = connection, desk, customers
        self._ends: dict[str, MonthEnd] = {}
        self._pasts: dict[str, Past] = {}

    def write(self, said: Iterable[MonthSaid], restated: Collection[str]) -> None:
        """Write months that closed or were corrected, and bring those of the customers restated in line."""
        newest: dict[MonthKey, MonthSaid] = {}
        for month in said:
            key = month.subscriber_id, month.billing_month
            if key not in newest or month.revision >= newest[key].revision:
                newest[key] = month
        closed = {whose for whose, _ in newest}
        self._pasts = self._read_pasts(closed.union(restated))
        standing = loading.months(self._connection, closed, {name for _, name in newest})
        rows = [
            month_row(month) | self._owed(key)
            for key, month in newest.items()
            if key not in standing or month.revision >= standing[key][0]
        ]
        upsert(self._connection, MonthRow, rows)
        self._restate(restated)

    def _restate(self, whose: Collection[str]) -> None:
        wrong = [
            {"of": key[0], "month": key[1], "tenure": owed["tenure_months"], "count": owed["measures"]}
            for key, (_, tenure, count) in loading.months(self._connection, whose).items()
            for owed in [self._owed(key)]
            if (tenure, count) != (owed["tenure_months"], owed["measures"])
        ]
        if wrong:
            self._connection.execute(_RESTATED, wrong)

    def _owed(self, key: MonthKey) -> Row:
        past, end = self._pasts[key[0]], self._end(key[1])
        return {"tenure_months": tenure_months(past, end), "measures": measures_held(past, end)}

    def _end(self, name: str) -> MonthEnd:
        if name not in self._ends:
            policies = self._desk.policies
            plain = month_end(name, policies.calendar, ())
            self._ends[name] = plain._replace(stabilising=policies.in_force(plain.at).measures.stabilising)
        return self._ends[name]

    def _read_pasts(self, ids: Collection[str]) -> dict[str, Past]:
        changes = loading.changes(self._connection, ids)
        untold = [whose for whose in ids if self._customers[whose]["joined_on"] is None]
        first = loading.first_activations(self._connection, untold)
        local = self._desk.policies.calendar.local_date
        days: dict[str, Any] = {whose: local(at) for whose, at in first.items()}
        return {whose: Past(self._joined(whose, days), changes.get(whose, {})) for whose in ids}

    def _joined(self, whose: str, activated: Mapping[str, date]) -> date | None:
        told: date | None = self._customers[whose]["joined_on"]
        return told or activated.get(whose)
