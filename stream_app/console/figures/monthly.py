"""The figures of closed months: reckoned when a month's rows are others than those it was reckoned from."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from stream_app.console.desk import Desk
from stream_app.console.figures import arpu, migration, mix, months, retention, spread
from stream_app.console.figures.inputs import EVERY, STATE, known_months, note, read_so_far
from stream_app.console.figures.standing import first_instant
from stream_app.console.figures.stored import Value, get, keys, put, several
from stream_app.console.store.database import reading
from stream_app.console.store.read_tables import MonthRow
from stream_app.console.store.work_tables import Cohort
from stream_app.core.months import month_number

MONTH, MIGRATION, SPREAD, MIX, INDUSTRIES, RETENTION = "month", "migration", "spread", "mix", "industries", "retention"
AT_ONCE = 3
TOPIC = "month-closes"


class Changed(NamedTuple):
    """A month whose rows changed: so many now, with revisions adding up to so many."""

    month: str
    rows: list[int]
    is_due: bool


def retention_key(cohort: str, month: str) -> str:
    """Name the figure of a cohort at a month's end, or `now`."""
    return f"{cohort}/{month}"


def reckon_months(desk: Desk) -> None:
    """Reckon the months that are due, a few at a time, the latest first."""
    with reading(desk.engine) as connection:
        read = read_so_far(connection, TOPIC)
        state = get(connection, STATE, MONTH)
        if state is not None and state["read"] == read and state["is_done"]:
            return
        changed = list(_changed(connection, desk))
    due = [each for each in changed if each.is_due][:AT_ONCE]
    for each in due:
        _reckon(desk, each)
    note(desk, MONTH, read, is_done=len(due) == len(changed))


def _changed(connection: Connection, desk: Desk) -> Iterator[Changed]:
    """Find the months whose rows are others than those they were reckoned from."""
    reckoned = several(connection, MONTH, keys(connection, MONTH))
    known, spread_out = known_months(connection), set(keys(connection, arpu.ARPU))
    # What can be corrected, and what is missing: a month that is final keeps its figures.
    correctable = known[: desk.policies.in_force(desk.now()).billing.correctable_months + 1]
    for month in known:
        found = reckoned.get(month)
        if month in correctable or found is None:
            rows, is_new = _rows(connection, month), found is None or month not in spread_out
            if found is None or is_new or found["rows"] != rows:
                yield Changed(month, rows, found is None or is_new or _is_due(desk, found, rows))


def _is_due(desk: Desk, found: Value, rows: list[int]) -> bool:
    """Tell whether not to wait: rows are still coming, or corrections, which come one by one, have waited a while."""
    return bool(found["rows"][0] != rows[0] or desk.now() - datetime.fromisoformat(found["at"]) >= EVERY)


def _rows(connection: Connection, month: str) -> list[int]:
    query = select(func.count(), func.sum(MonthRow.revision)).where(MonthRow.billing_month == month)
    return [int(figure or 0) for figure in connection.execute(query).one()]


def _reckon(desk: Desk, changed: Changed) -> None:
    rules, month = desk.policies.in_force(desk.now()).measures, changed.month
    with reading(desk.engine) as connection:
        values = {
            MIGRATION: migration.migration(connection, month),
            SPREAD: spread.spread(connection, month),
            MIX: mix.mix(connection, month),
            INDUSTRIES: mix.industries(connection, month),
            arpu.ARPU: arpu.arpu(connection, month),
            # Last: it says what the month was reckoned from.
            MONTH: months.make_up(connection, month, rules) | {"rows": changed.rows, "at": desk.now().isoformat()},
        }
        followed = dict(_followed(connection, desk, month))
    put(desk.engine, RETENTION, followed, desk.now())
    for name, value in values.items():
        put(desk.engine, name, {month: value}, desk.now())


def _followed(connection: Connection, desk: Desk, month: str) -> Iterator[tuple[str, Value]]:
    policy, end = desk.policies.in_force(desk.now()), desk.policies.calendar.start(month_number(month) + 1)
    for name, taken_on in connection.execute(select(Cohort.cohort, Cohort.taken_on)):
        if first_instant(desk.policies, taken_on) < end:
            yield retention_key(name, month), retention.at_month_end(connection, name, month, policy)
