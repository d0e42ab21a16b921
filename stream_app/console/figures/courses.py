"""What became of customers after an instant: their comings and goings, and what they brought month by month."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, ScalarSelect, select

from stream_app.console.figures.grouping import Rows
from stream_app.console.store.read_tables import MonthRow, NetworkChange


class Absence(NamedTuple):
    """Time away from the network; `back_at` is None for who has not come back."""

    subscriber_id: str
    left_at: datetime
    back_at: datetime | None


class Courses:
    """Changes and months of some customers, asked for one by one; whoever is not known was always there."""

    def __init__(self, connection: Connection, whose: Rows | ScalarSelect[Any], since_month: str) -> None:
        self._changes: dict[str, tuple[list[datetime], list[bool]]] = defaultdict(lambda: ([], []))
        for subscriber_id, at, on in connection.execute(_changes(whose)):
            times, states = self._changes[subscriber_id]
            times.append(at)
            states.append(on)
        self._fen: dict[tuple[str, str], int] = {
            (subscriber_id, month): fen for subscriber_id, month, fen in connection.execute(_months(whose, since_month))
        }

    def on_network(self, subscriber_id: str, at: datetime) -> bool:
        """Tell whether a customer was on the network: by the last change before that instant."""
        if subscriber_id not in self._changes:
            return True
        times, states = self._changes[subscriber_id]
        place = bisect_left(times, at)
        return states[place - 1] if place else True

    def revenue_fen(self, subscriber_id: str, month: str) -> int:
        """Give the revenue of a month, 0 where there is none."""
        return self._fen.get((subscriber_id, month), 0)

    def absences(self) -> list[Absence]:
        """List who left and when, and when they came back; who came back at the very instant was never away."""
        found = []
        for subscriber_id, (times, states) in self._changes.items():
            left_at = None
            for at, on in zip(times, states, strict=True):
                if not on:
                    left_at = left_at or at
                elif left_at is not None:
                    found += [Absence(subscriber_id, left_at, at)] if at > left_at else []
                    left_at = None
            if left_at is not None:
                found.append(Absence(subscriber_id, left_at, None))
        return found


def _changes(whose: Any) -> Rows:  # noqa: ANN401 - a query of ids
    columns = (NetworkChange.subscriber_id, NetworkChange.occurred_at, NetworkChange.on_network)
    return select(*columns).where(NetworkChange.subscriber_id.in_(whose)).order_by(*columns)


def _months(whose: Any, since_month: str) -> Rows:  # noqa: ANN401 - a query of ids
    columns: Sequence[Any] = (MonthRow.subscriber_id, MonthRow.billing_month, MonthRow.revenue_fen)
    return select(*columns).where(MonthRow.subscriber_id.in_(whose), MonthRow.billing_month >= since_month)
