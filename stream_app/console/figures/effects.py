"""Effect: customers and value retained 30, 60 and 90 days after a case opened, against the held-out group (DOMAIN 6).

A case counts where its draw put it (`arm`), from the day it opened, whatever was done. By measure and by manager there
is no draw: who accepts is another kind of customer, so those are shares alone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from stream_app.console.figures.courses import Courses
from stream_app.console.figures.grouping import Rows
from stream_app.console.figures.standing import closed_by
from stream_app.console.figures.stored import Value, by_branch
from stream_app.console.store.work_tables import Case
from stream_app.core.months import month_name
from stream_app.core.policy import PolicySet

DAYS = (30, 60, 90)
LOOKED_BACK = timedelta(days=400)
CALLED, HELD_OUT, EXEMPT = "called", "held_out", "exempt"
# A figure's list: cases of so many days, on the network then; of those whose month then is closed: cases, above the
# bound, their ARPU as they opened, their revenue in that month (0 of who left).
EMPTY = (0, 0, 0, 0, 0, 0)
OF, KEPT, VALUED, ABOVE, BEFORE_FEN, AFTER_FEN = range(6)


class Seen(NamedTuple):
    """A case and what became of its customer so many days after."""

    branch_id: str | None
    days: int
    arm: str
    value_class: str
    manager_id: str | None
    measure: str | None
    figures: tuple[int, ...]


def effects(connection: Connection, policies: PolicySet, now: datetime) -> Value:
    """Reckon what became of the customers of cases to keep them; by days, then arm, class, manager, measure."""
    return by_branch(_seen(connection, policies, now), _nothing, _add)


def _seen(connection: Connection, policies: PolicySet, now: datetime) -> Iterator[Seen]:
    since, calendar = now - LOOKED_BACK, policies.calendar
    known = Courses(connection, _cases(since, now, Case.subscriber_id), month_name(calendar.month_of(since)))
    over_fen, closed = policies.in_force(now).value_classes.dynamic_over_fen, closed_by(policies, now)
    columns = (Case.branch_id, Case.arm, Case.value_class, Case.manager_id, Case.measure)
    for row in connection.execute(_cases(since, now, *columns, Case.subscriber_id, Case.opened_at, Case.arpu_fen)):
        for days in DAYS:
            at = row.opened_at + timedelta(days=days)
            if at > now:
                break
            kept, month = known.on_network(row.subscriber_id, at), month_name(calendar.month_of(at))
            fen = known.revenue_fen(row.subscriber_id, month) if kept else 0
            valued = (1, int(fen > over_fen), row.arpu_fen, fen) if month <= closed else EMPTY[2:]
            given = (row.arm, row.value_class, row.manager_id, row.measure)
            yield Seen(row.branch_id, days, *given, (1, int(kept), *valued))


def _cases(since: datetime, now: datetime, *columns: Any) -> Rows:  # noqa: ANN401 - columns
    ripe = now - timedelta(days=DAYS[0])
    return select(*columns).where(Case.kind == "keep", Case.opened_at >= since, Case.opened_at <= ripe)


def _nothing() -> Value:
    return {str(days): {"arms": {}, "classes": {}, "managers": {}, "measures": {}} for days in DAYS}


def _add(into: Value, seen: Seen) -> None:
    found = into[str(seen.days)]
    _sum(found["arms"], seen.arm, seen.figures)
    _sum(found["classes"].setdefault(seen.value_class, {}), seen.arm, seen.figures)
    if seen.arm != HELD_OUT:
        _sum(found["measures"], seen.measure or "", seen.figures)
        if seen.manager_id is not None:
            _sum(found["managers"].setdefault(seen.manager_id, {}), seen.arm, seen.figures)


def _sum(into: dict[str, list[int]], key: str, figures: tuple[int, ...]) -> None:
    standing = into.get(key, EMPTY)
    into[key] = [one + other for one, other in zip(standing, figures, strict=True)]
