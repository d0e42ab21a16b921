"""The dead box: what could not be sent in so many tries is kept, with what each try came to, and can be sent again."""

from sqlalchemy import Connection, func, select, update

from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import Delivery


def requeue(desk: Desk, delivery_id: str) -> bool:
    """Let a dead delivery be sent again, its tries counted anew and its log kept; false where it is not dead."""
    with writing(desk.engine) as connection:
        again = {"state": "waiting", "tries": 0, "retry_at": None, "send_after_at": desk.now()}
        is_it = (Delivery.delivery_id == delivery_id) & (Delivery.state == "dead")
        return connection.execute(update(Delivery).where(is_it).values(**again)).rowcount == 1


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """Count deliveries by channel and state."""
    statement = select(Delivery.channel, Delivery.state, func.count()).group_by(Delivery.channel, Delivery.state)
    return {(channel, state): count for channel, state, count in connection.execute(statement)}
