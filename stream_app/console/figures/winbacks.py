"""Win-back 流失挽回: who left and came back, after whose call and with which measure (DOMAIN section 4)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Connection, false, select

from stream_app.console.figures.courses import Courses
from stream_app.console.figures.stored import Value, by_branch
from stream_app.console.store.read_tables import Customer, NetworkChange
from stream_app.console.store.work_tables import Case

LOOKED_BACK = timedelta(days=400)
NO_MONTHS = "9999-12"


class Left(NamedTuple):
    """A customer who left, whether they came back, and the case between, if there was one."""

    branch_id: str | None
    days_away: int | None
    case: Any | None


def winbacks(connection: Connection, now: datetime) -> Value:
    """Count who left in the time looked at, who came back, and of those called which measure and manager won them."""
    value = by_branch(_left(connection, now - LOOKED_BACK), _nothing, _add)
    for found in (value["all"], *value["branches"].values()):
        away = found.pop("days_away")
        found["median_days_away"] = round(median(away)) if away else None
    return value


def _left(connection: Connection, since: datetime) -> Iterator[Left]:
    gone = select(NetworkChange.subscriber_id).where(
        NetworkChange.on_network == false(), NetworkChange.occurred_at >= since
    )
    known = select(Customer.subscriber_id, Customer.branch_id).where(Customer.subscriber_id.in_(gone))
    branches = {row.subscriber_id: row.branch_id for row in connection.execute(known)}
    cases = _cases(connection, since)
    for subscriber_id, left_at, back_at in Courses(connection, gone, NO_MONTHS).absences():
        if left_at >= since:
            called = [each for each in cases[subscriber_id] if left_at <= each.opened_at and _before(each, back_at)]
            away = None if back_at is None else (back_at - left_at).days
            yield Left(branches.get(subscriber_id), away, called[-1] if called else None)


def _before(case: Any, back_at: datetime | None) -> bool:  # noqa: ANN401 - a row
    return back_at is None or bool(case.opened_at <= back_at)


def _cases(connection: Connection, since: datetime) -> dict[str, list[Any]]:
    columns = (Case.subscriber_id, Case.opened_at, Case.arm, Case.manager_id, Case.measure)
    query = select(*columns).where(Case.kind == "win_back", Case.opened_at >= since).order_by(Case.opened_at)
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.subscriber_id].append(row)
    return found


def _nothing() -> Value:
    return {"left": 0, "returned": 0, "arms": {}, "measures": {}, "managers": {}, "days_away": []}


def _add(into: Value, seen: Left) -> None:
    back = seen.days_away is not None
    into["left"] += 1
    into["returned"] += back
    if back:
        into["days_away"].append(seen.days_away)
    _sum(into["arms"], seen.case.arm if seen.case else "", back=back)
    if seen.case:
        _sum(into["measures"], seen.case.measure or "", back=back)
        _sum(into["managers"], seen.case.manager_id or "", back=back)


def _sum(into: dict[str, list[int]], key: str, *, back: bool) -> None:
    left, returned = into.get(key, (0, 0))
    into[key] = [left + 1, returned + back]
