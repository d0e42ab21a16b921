"""What figures were reckoned from, and whether there is more by now: how a refresh knows what is due."""

from datetime import timedelta

from sqlalchemy import Connection, func, select

from stream_app.console.desk import Desk
from stream_app.console.figures.stored import Value, put
from stream_app.console.store.read_tables import MonthRow, Position
from stream_app.console.store.work_tables import CaseEvent, Figure

EVERY = timedelta(hours=1)  # what is not a day's or a month's is reckoned again so often, if there is news
STATE = "refresh"


def read_so_far(connection: Connection, topic: str | None = None) -> int:
    """Tell how far a topic is read, or all and the desk's own cases with them: more than before is news."""
    query = select(func.coalesce(func.sum(Position.read_to), 0))
    if topic is not None:
        return int(connection.scalar(query.where(Position.topic == topic)) or 0)
    own = connection.scalar(select(func.coalesce(func.max(CaseEvent.event_no), 0)))
    return int(connection.scalar(query) or 0) + int(own or 0)


def is_due(connection: Connection, desk: Desk, name: str, read: int) -> bool:
    """Tell whether there is news for a figure, and enough time has passed since it was reckoned."""
    found = connection.execute(
        select(Figure.value, Figure.reckoned_at).where(Figure.name == STATE, Figure.key == name)
    ).one_or_none()
    if found is None:
        return True
    is_old = desk.now() - found.reckoned_at >= EVERY
    return bool(found.value["read"] != read and is_old)


def note(desk: Desk, name: str, read: int, **more: object) -> None:
    """Remember how far was read as a figure was reckoned."""
    state: Value = {"read": read, **more}
    put(desk.engine, STATE, {name: state}, desk.now())


def known_months(connection: Connection) -> list[str]:
    """List the months that have rows, the latest first; by steps, as a list of distinct ones reads every row."""
    found: list[str] = []
    latest = connection.scalar(select(func.max(MonthRow.billing_month)))
    while latest is not None:
        found.append(latest)
        latest = connection.scalar(select(func.max(MonthRow.billing_month)).where(MonthRow.billing_month < latest))
    return found


def first_month(connection: Connection) -> str | None:
    """Name the earliest month that has rows."""
    return connection.scalar(select(func.min(MonthRow.billing_month)))
