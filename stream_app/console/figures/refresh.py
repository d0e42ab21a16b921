"""Reckoning what is due, once a minute: cheap when nothing is.

Each part reads at one moment and writes afterwards, so that no writer waits for it; what a new desk lacks of the past
comes a few days, months and cohorts at a time.
"""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from stream_app.console.desk import Desk
from stream_app.console.figures.daily import reckon_days
from stream_app.console.figures.effects import effects
from stream_app.console.figures.inputs import first_month, is_due, note, read_so_far
from stream_app.console.figures.leaving import leaving
from stream_app.console.figures.monthly import reckon_months
from stream_app.console.figures.snapshots import NOW, follow_now, freeze_due
from stream_app.console.figures.stored import Value, put
from stream_app.console.figures.winbacks import winbacks
from stream_app.console.store.database import reading

LEAVING, EFFECTS, WINBACKS = "leaving", "effects", "winbacks"
LEAVING_BACK = timedelta(days=180)
Reckon = Callable[[Connection], Value]


def refresh(desk: Desk, *, is_caught_up: bool = True) -> None:
    """Bring the stored figures up to date; not while the topics are being caught up with: half of them is no figure."""
    if not is_caught_up:
        return
    now = desk.now()
    with reading(desk.engine) as connection:
        if first_month(connection) is None:
            return
    reckon_months(desk)
    freeze_due(desk)
    reckon_days(desk)
    follow_now(desk)
    since = desk.policies.calendar.local_date(now - LEAVING_BACK)
    _reckon(desk, LEAVING, lambda connection: leaving(connection, since))
    _reckon(desk, EFFECTS, lambda connection: effects(connection, desk.policies, now))
    _reckon(desk, WINBACKS, lambda connection: winbacks(connection, now))


def _reckon(desk: Desk, name: str, reckon: Reckon) -> None:
    with reading(desk.engine) as connection:
        read = read_so_far(connection)
        if not is_due(connection, desk, name, read):
            return
        value = reckon(connection)
    put(desk.engine, name, {NOW: value}, desk.now())
    note(desk, name, read)
