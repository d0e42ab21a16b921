"""The dead box: what could not be sent in so many tries is kept, with what each try came to, and can be sent again."""

from sqlalchemy import ColumnElement, Connection, func, select, update

from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import Delivery


def requeue(desk: Desk, delivery_id: str) -> bool:
    """Let a dead delivery be sent again, its tries counted anew and its log kept; false where it is not dead."""
    return _again(desk, Delivery.delivery_id == delivery_id) == 1


def requeue_channel(desk: Desk, channel: str) -> int:
    """Let all that is dead of a channel be sent again, as after a long outage; gives their number."""
    return _again(desk, Delivery.channel == channel)


def _again(desk: Desk, which: ColumnElement[bool]) -> int:
    again = {"state": "waiting", "tries": 0, "retry_at": None, "send_after_at": desk.now()}
    with writing(desk.engine) as connection:
        return connection.execute(update(Delivery).where(which, Delivery.state == "dead").values(**again)).rowcount


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Count deliveries by channel and state."""
    statement = select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    return {(channel, state): count for channel, state, count in connection.execute(statement)}
