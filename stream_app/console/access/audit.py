"""The log of who looked at or did what (Part 4: every look at a customer). It holds no name and no number."""

from sqlalchemy import Connection, insert

from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry


def note(
    connection: Connection,
    desk: Desk,
    user_id: str | None,
    action: str,
    subscriber_id: str | None = None,
    **detail: str | int | bool | None,
) -> None:
    """Write an entry, in the transaction of what it tells of."""
    entry = {"at": desk.now(), "user_id": user_id, "action": action, "subscriber_id": subscriber_id, "detail": detail}
    connection.execute(insert(AuditEntry).values(entry))
