"""The series of days: today counted anew as facts come in, a day that is over counted as of its end and kept."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.console.figures.days import make_up
from stream_app.console.figures.inputs import first_month, read_so_far
from stream_app.console.figures.standing import first_instant
from stream_app.console.figures.stored import Value, get, keys, put, several
from stream_app.console.store.database import reading
from stream_app.core.months import month_number

DAY = "day"
TODAY_EVERY = timedelta(minutes=5)
AT_ONCE, DAYS_BACK = 8, 400  # of the past: so many in one go, so far back


def reckon_days(desk: Desk) -> None:
    """Count today, and the days of the past that have not been counted to their end, the latest first."""
    today = desk.policies.calendar.local_date(desk.now())
    values = {}
    with reading(desk.engine) as connection:
        read = read_so_far(connection)
        for on in [*_today(connection, desk, today), *_past(connection, desk, today)]:
            end = first_instant(desk.policies, on + timedelta(days=1))
            at = min(end, desk.now())
            value = make_up(connection, desk.policies, at)
            values[on.isoformat()] = value | {"read": read, "at": at.isoformat(), "is_final": at == end}
    put(desk.engine, DAY, values, desk.now())


def last_day(connection: Connection) -> Value | None:
    """Give the figures of the last day that was counted; None where there is none yet."""
    days = keys(connection, DAY)
    return get(connection, DAY, days[-1]) if days else None


def _today(connection: Connection, desk: Desk, today: date) -> Sequence[date]:
    found = get(connection, DAY, today.isoformat())
    if found is None:
        return [today]
    is_old = desk.now() - datetime.fromisoformat(found["at"]) >= TODAY_EVERY
    return [today] if is_old and found["read"] != read_so_far(connection) else []


def _past(connection: Connection, desk: Desk, today: date) -> Sequence[date]:
    first = first_month(connection)
    if first is None:
        return []
    begins = desk.policies.calendar.local_date(desk.policies.calendar.start(month_number(first) + 1))
    span = [today - timedelta(days=back) for back in range(1, min(DAYS_BACK, (today - begins).days) + 1)]
    recent = several(connection, DAY, [each.isoformat() for each in span[:AT_ONCE]])
    # A day's last count was made before its end: it is over once it was counted as of that.
    still_open = {key for key, value in recent.items() if not value["is_final"]}
    done = set(keys(connection, DAY)) - still_open
    return [each for each in span if each.isoformat() not in done][:AT_ONCE]
