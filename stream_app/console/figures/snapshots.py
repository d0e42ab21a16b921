"""Cohorts that freeze by themselves as a month or a year begins, and following what becomes of all cohorts."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from stream_app.console.desk import Desk
from stream_app.console.figures import cohorts, retention
from stream_app.console.figures.inputs import first_month, is_due, known_months, note, read_so_far
from stream_app.console.figures.monthly import RETENTION, retention_key
from stream_app.console.figures.standing import first_instant
from stream_app.console.figures.stored import put
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Cohort
from stream_app.core.desk.cohort import own_name
from stream_app.core.months import month_number

AT_ONCE, MONTHS_BACK = 3, 24
NOW = "now"


def freeze_and_follow(desk: Desk, name: str, on: date, user_id: str | None = None) -> int:
    """Freeze a cohort and tell what became of it in the months since; gives its heads, raises NotFrozenError."""
    heads = cohorts.freeze(desk, name, on, user_id)
    policy, calendar = desk.policies.in_force(desk.now()), desk.policies.calendar
    taken_at, name = first_instant(desk.policies, on), name.strip()
    with reading(desk.engine) as connection:
        since = [each for each in known_months(connection) if calendar.start(month_number(each) + 1) > taken_at]
        values = {retention_key(name, each): retention.at_month_end(connection, name, each, policy) for each in since}
        values[retention_key(name, NOW)] = retention.now(connection, name, policy)
    put(desk.engine, RETENTION, values, desk.now())
    return heads


def freeze_due(desk: Desk) -> None:
    """Freeze the cohorts of months and years that have begun, the latest first."""
    with reading(desk.engine) as connection:
        taken, first = set(connection.scalars(select(Cohort.cohort))), first_month(connection)
    due = [each for each in _own(desk, first) if each.name not in taken]
    for snapshot in due[:AT_ONCE]:
        freeze_and_follow(desk, snapshot.name, snapshot.on)


def follow_now(desk: Desk) -> None:
    """Tell how all cohorts stand now."""
    policy = desk.policies.in_force(desk.now())
    with reading(desk.engine) as connection:
        read = read_so_far(connection)
        if not is_due(connection, desk, RETENTION, read):
            return
        names = [each.cohort for each in cohorts.cohorts(connection)]
        values = {retention_key(name, NOW): retention.now(connection, name, policy) for name in names}
    put(desk.engine, RETENTION, values, desk.now())
    note(desk, RETENTION, read)


def _own(desk: Desk, first: str | None) -> Iterator[cohorts.Snapshot]:
    if first is None:
        return
    today = desk.policies.calendar.local_date(desk.now())
    month = today.year * 12 + today.month - 1
    # On a day by which no month was closed nobody is known to qualify: the first closes in the month after it.
    for each in range(month, max(month_number(first) + 1, month - MONTHS_BACK), -1):
        on = date(each // 12, each % 12 + 1, 1)
        yield from (cohorts.Snapshot(name, on) for name in own_name(on))
