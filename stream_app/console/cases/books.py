"""Books: whose customer somebody is, and who is not to be called."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, exists, select

from stream_app.console.cases.crew import PHONE_MANAGER, worker
from stream_app.console.cases.refused import Refused, Why
from stream_app.console.cases.texts import remark
from stream_app.console.desk import Desk
from stream_app.console.store.database import upsert, writing
from stream_app.console.store.read_tables import Customer
from stream_app.console.store.work_tables import Book, Case


def owner_of(connection: Connection, subscriber_id: str) -> str | None:
    """Name the phone manager whose customer it is."""
    return connection.scalar(select(Book.manager_id).where(Book.subscriber_id == subscriber_id))


def keep(connection: Connection, kept: Mapping[str, str | None], now: datetime) -> None:
    """Write whose customers they are from now on."""
    whose = [{"subscriber_id": each, "manager_id": user_id, "since_at": now} for each, user_id in kept.items()]
    upsert(connection, Book, whose)


def set_do_not_call(desk: Desk, subscriber_id: str, user_id: str, *, do_not_call: bool, note: str = "") -> None:
    """Note that a customer is not to be called, or may be again; raises Refused where they are another's."""
    said = remark(note)
    with writing(desk.engine) as connection:
        _check_is_theirs(connection, subscriber_id, user_id)
        row = {"subscriber_id": subscriber_id, "do_not_call": do_not_call, "do_not_call_note": said}
        upsert(connection, Book, [row])


def _check_is_theirs(connection: Connection, subscriber_id: str, user_id: str) -> None:
    who = worker(connection, user_id)
    found = connection.execute(select(Customer.branch_id).where(Customer.subscriber_id == subscriber_id)).one_or_none()
    if found is None:
        raise Refused(Why.NO_CUSTOMER)
    stands_in = exists().where(Case.subscriber_id == subscriber_id, Case.manager_id == user_id, Case.state != "closed")
    is_own = owner_of(connection, subscriber_id) == user_id or connection.scalar(select(stands_in))
    if not (who.role == PHONE_MANAGER and is_own) and not who.oversees(found.branch_id):
        raise Refused(Why.NOT_YOURS)
